import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import type { S3StorageOptions } from "@node-storages/s3"
import { startMiniflareR2 } from "@node-storages/test/servers/miniflare-r2"
import { provideS3 } from "@node-storages/test/servers/s3-for-tests"

export interface DemoServer {
  readonly title: string
  readonly options: S3StorageOptions
  stop(): Promise<void>
}

/** A real S3 server with these buckets: Ceph where it can run, else Cloudflare's R2 emulator, which needs no root. */
export async function startS3ForDemo(buckets: string[]): Promise<DemoServer> {
  const provided = await provideS3()
  if ("server" in provided) {
    const { server } = provided
    const { endpoint, region, credentials } = server
    const options: S3StorageOptions = { endpoint, region, credentials, forcePathStyle: true }
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }))
    client.destroy()
    return { title: "an S3 server", options, stop: () => server.stop() }
  }
  console.log(`${provided.reason}. Miniflare's R2 takes its place.`)
  const server = await startMiniflareR2({ buckets })
  const { endpoint, region, credentials } = server
  const options: S3StorageOptions = { endpoint, region, credentials, forcePathStyle: true, conditionalCreate: "put" }
  return { title: "Miniflare's R2", options, stop: () => server.stop() }
}
