/**
 * Cloudflare R2's S3 API as Miniflare serves it, on loopback; needs no root.
 *
 * What its clients must know:
 * - Only the buckets declared here exist; `CreateBucket` is missing.
 * - Uploads hang in a client that waits for `100 Continue`: give the AWS SDK `expectContinueHeader: false`.
 * - Keys may not be `..`, hold `./` or a newline. There is no ListParts, ACL, POST policy or versioning.
 */
import { rmSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { Miniflare } from "miniflare"
import type { S3Server } from "./s3-server.ts"

const CREDENTIALS = { accessKeyId: "R2TESTACCESSKEYID", secretAccessKey: "r2-test-secret-access-key" }
// The ended server may finish one last system call in the folder.
const THOROUGHLY = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }

export interface MiniflareR2Options {
  /** Names of the buckets that exist, 3 to 63 characters each. */
  buckets: readonly string[]
}

export async function startMiniflareR2({ buckets }: MiniflareR2Options): Promise<S3Server> {
  // Miniflare has a temporary folder of its own, but does not wait for its removal: it may outlive a process that ends.
  const folder = await mkdtemp(join(tmpdir(), "node-storages-r2-"))
  const removeAtExit = (): void => rmSync(folder, THOROUGHLY)
  process.once("exit", removeAtExit)

  let lastWords = ""
  const server = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    modules: true,
    script: "export default { fetch: () => new Response('only the S3 API is served', { status: 404 }) }",
    r2Buckets: Object.fromEntries(
      buckets.map((bucket, index) => [`BUCKET_${index}`, { id: bucket, s3Credentials: { ...CREDENTIALS } }]),
    ),
    defaultPersistRoot: folder,
    // Otherwise it would ask cloudflare.com where this machine is.
    cf: false,
    // It writes a stack for each connection that a test cuts.
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      stdout.resume()
      stderr.setEncoding("utf8").on("data", (text: string) => (lastWords = (lastWords + text).slice(-2_000)))
    },
  })
  const end = async (): Promise<void> => {
    try {
      await server.dispose()
    } finally {
      await rm(folder, THOROUGHLY)
      process.off("exit", removeAtExit)
    }
  }
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= end())

  try {
    const { origin } = await server.ready
    return { endpoint: `${origin}/cdn-cgi/local/r2/s3`, region: "auto", credentials: { ...CREDENTIALS }, stop }
  } catch (error) {
    await stop().catch(() => {})
    throw new Error(`Miniflare did not start: ${(error as Error).message}\n${lastWords}`.trimEnd(), { cause: error })
  }
}
