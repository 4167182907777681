import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"
import type { GCSStorageOptions } from "@node-storages/gcs"
import type { S3StorageOptions } from "@node-storages/s3"
import { startAzurite } from "@node-storages/test/servers/azurite"
import { startGcsServer } from "@node-storages/test/servers/gcs/gcs-server"
import { startMiniflareR2 } from "@node-storages/test/servers/miniflare-r2"
import { provideS3 } from "@node-storages/test/servers/s3-for-tests"

/** A server on this machine, and the options with which a storage reaches it. */
export interface DemoServer<Options> {
  readonly title: string
  readonly options: Options
  stop(): Promise<void>
}

/** A real S3 server with these buckets: Ceph where it can run, else Cloudflare's R2 emulator, which needs no root. */
export async function startS3ForDemo(buckets: string[]): Promise<DemoServer<S3StorageOptions>> {
  const provided = await provideS3()
  if ("server" in provided) {
    const { server } = provided
    const { endpoint, region, credentials } = server
    const options: S3StorageOptions = { endpoint, region, credentials, forcePathStyle: true }
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }))
    client.destroy()
    return { title: `an S3 server at ${endpoint}`, options, stop: () => server.stop() }
  }
  console.log(`${provided.reason}. Miniflare's R2 takes its place.`)
  const server = await startMiniflareR2({ buckets })
  const { endpoint, region, credentials } = server
  const options: S3StorageOptions = { endpoint, region, credentials, forcePathStyle: true, conditionalCreate: "put" }
  return { title: `Miniflare's R2 at ${endpoint}`, options, stop: () => server.stop() }
}

/** The strict server of this project's tests, as there is no emulator that checks signatures and conditions. */
export async function startGcsForDemo(buckets: string[]): Promise<DemoServer<GCSStorageOptions>> {
  const server = await startGcsServer({ buckets })
  const { endpoint, credentials } = server
  return {
    title: `a server for tests at ${endpoint}`,
    options: { apiEndpoint: endpoint, credentials },
    stop: () => server.stop(),
  }
}

/** Azurite, Microsoft's emulator, with these containers. */
export async function startAzureForDemo(containers: string[]): Promise<DemoServer<AzureStorageOptions>> {
  const server = await startAzurite()
  const { endpoint, accountName, accountKey } = server
  const options: AzureStorageOptions = { endpoint, accountName, accountKey }
  for (const container of containers) await new AzureStorage(container, options).client.create()
  return { title: `Azurite at ${endpoint}`, options, stop: () => server.stop() }
}
