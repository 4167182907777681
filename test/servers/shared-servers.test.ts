import { afterEach, expect, test, vi } from "vitest"
import { startServers } from "./shared-servers.ts"

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test("tests are given what runs and why the rest does not, and the end of the run tells the latter", async () => {
  vi.stubEnv("NODE_STORAGES_TEST_S3_ENDPOINT", undefined)
  vi.stubEnv("PATH", "/nonexistent")
  const { servers, stop } = await startServers(Promise.resolve())
  expect(JSON.parse(JSON.stringify(servers))).toEqual(servers)
  expect(servers).toEqual({
    s3: { reason: expect.stringContaining("Ceph can't be installed: no apt-get") },
    r2: {
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/cdn-cgi\/local\/r2\/s3$/),
      region: "auto",
      credentials: { accessKeyId: expect.any(String), secretAccessKey: expect.any(String) },
      buckets: expect.arrayContaining([expect.any(String)]),
    },
    azure: {
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1$/),
      accountName: "devstoreaccount1",
      accountKey: expect.any(String),
    },
    gcs: {
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      projectId: expect.any(String),
      credentials: expect.objectContaining({ client_email: expect.any(String), private_key: expect.any(String) }),
      accountWithoutAccess: expect.objectContaining({ client_email: expect.any(String) }),
      buckets: expect.arrayContaining([expect.any(String)]),
    },
  })

  const log = vi.spyOn(console, "log").mockReturnValue()
  await stop()
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^S3 did not run: Ceph can't be installed: no apt-get .*$/)]])
  for (const service of ["r2", "azure", "gcs"] as const) {
    await expect(fetch((servers[service] as { endpoint: string }).endpoint)).rejects.toThrow()
  }
})
