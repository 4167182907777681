import { afterEach, expect, test, vi } from "vitest"
import { provideS3 } from "./s3-for-tests.ts"

afterEach(() => void vi.unstubAllEnvs())

const prefix = "NODE_STORAGES_TEST_S3_"

test("an endpoint in the environment takes Ceph's place", async () => {
  vi.stubEnv(`${prefix}ENDPOINT`, "https://s3.example.com/")
  vi.stubEnv(`${prefix}REGION`, "eu-north-1")
  vi.stubEnv(`${prefix}ACCESS_KEY_ID`, "id")
  vi.stubEnv(`${prefix}SECRET_ACCESS_KEY`, "secret")
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" }
  const server = { endpoint: "https://s3.example.com", region: "eu-north-1", credentials }
  expect(await provideS3()).toMatchObject({ server })
})

test("an endpoint without its keys is an error, not a skip", async () => {
  vi.stubEnv(`${prefix}ENDPOINT`, "https://s3.example.com")
  vi.stubEnv(`${prefix}ACCESS_KEY_ID`, "id")
  vi.stubEnv(`${prefix}SECRET_ACCESS_KEY`, undefined)
  await expect(provideS3()).rejects.toThrow(`${prefix}ENDPOINT is set, but ${prefix}SECRET_ACCESS_KEY is not`)
})

test("where nothing can run, the reason is one line", async () => {
  vi.stubEnv(`${prefix}ENDPOINT`, undefined)
  vi.stubEnv("PATH", "/nonexistent")
  expect(await provideS3()).toEqual({ reason: expect.stringMatching(/^Ceph can't be installed: no apt-get .*$/) })
})
