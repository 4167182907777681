import { randomUUID } from "node:crypto"
import { GCSStorage, type GCSStorageOptions } from "@node-storages/gcs"
import { afterAll, afterEach, beforeAll } from "vitest"
import { type GcsConnection, type GcsServer, type GcsServerOptions, startGcsServer } from "../servers/gcs/gcs-server.ts"

/** What a client needs to authenticate as an account of the GCS server. */
export type ServiceAccount = GcsConnection["credentials"]

/** Options with which a storage reaches the GCS server, as the account that may do everything unless told another. */
export function optionsFor(
  { endpoint, credentials }: GcsConnection,
  account: ServiceAccount = credentials,
): GCSStorageOptions {
  return { apiEndpoint: endpoint, credentials: account }
}

/** A storage on the server, below a location of its own unless one is given. */
export function storageOn(connection: GcsConnection, bucket: string, options: GCSStorageOptions = {}): GCSStorage {
  return new GCSStorage(bucket, { ...optionsFor(connection), location: randomUUID(), ...options })
}

export const BUCKET = "test-bucket"
/** The smallest chunk of a resumable upload, in bytes. */
export const CHUNK: number = 256 * 1024

/** A server of the test file's own, whose faults and counts concern nobody else. */
export function useGcsServer(options: GcsServerOptions = {}): () => GcsServer {
  let server: GcsServer
  beforeAll(async () => {
    server = await startGcsServer({ buckets: [BUCKET], ...options })
  })
  afterEach(() => {
    server.faults.clear()
    server.requests.reset()
  })
  afterAll(() => server.stop())
  return () => server
}

/** All keys of a bucket, those that a storage hides among them. */
export async function keysOf({ client }: GCSStorage, bucket: string = BUCKET): Promise<string[]> {
  const [files] = await client.bucket(bucket).getFiles()
  return files.map(({ name }) => name)
}
