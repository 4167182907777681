import { cephAvailable, installCeph, startCeph } from "./ceph.ts"
import type { S3Server } from "./s3-server.ts"

const PREFIX = "NODE_STORAGES_TEST_S3_"
const ENDPOINT = `${PREFIX}ENDPOINT`

/**
 * The S3 service that tests run against: the one named by the environment (`NODE_STORAGES_TEST_S3_ENDPOINT`,
 * `…_REGION`, `…_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY`), otherwise Ceph, installed first where that is possible.
 *
 * @returns The reason, in one line, when there is none.
 * @throws Error when the environment names an endpoint without its keys: a wish that can't be met is not a skip.
 */
export async function provideS3(): Promise<{ server: S3Server } | { reason: string }> {
  const given = serverFromEnvironment(process.env)
  if (given) return { server: given }
  try {
    if (cephAvailable()) await installCeph()
    return { server: await startCeph() }
  } catch (error) {
    const [firstLine = ""] = (error as Error).message.split("\n")
    return { reason: `${firstLine} (${ENDPOINT} can name another S3 service)` }
  }
}

function serverFromEnvironment(environment: NodeJS.ProcessEnv): S3Server | undefined {
  const endpoint = environment[ENDPOINT]
  if (!endpoint) return undefined
  const required = (name: string): string => {
    const value = environment[PREFIX + name]
    if (!value) throw new Error(`${ENDPOINT} is set, but ${PREFIX}${name} is not`)
    return value
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    region: environment[`${PREFIX}REGION`] || "us-east-1",
    credentials: { accessKeyId: required("ACCESS_KEY_ID"), secretAccessKey: required("SECRET_ACCESS_KEY") },
    // Not ours to end.
    stop: async () => {},
  }
}
