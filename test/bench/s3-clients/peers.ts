import { peer } from "../harness/peers.ts"
import type { Context } from "../harness/row.ts"
import type { MakeClient } from "./object-client.ts"

/*
 * Other libraries, with the settings that they have by themselves. The types are those of what is called here.
 */

/** Any class of a peer; what is made of it is typed where it is used. */
type Class<Instance> = new (...args: readonly never[]) => Instance
type Make<Instance> = new (...args: readonly unknown[]) => Instance

function make<Instance>(of: Class<Instance>, ...args: readonly unknown[]): Instance {
  return new (of as Make<Instance>)(...args)
}

interface Disk {
  put(name: string, bytes: Uint8Array): Promise<void>
  getBytes(name: string): Promise<Uint8Array>
  exists(name: string): Promise<boolean>
  getSignedUrl(name: string): Promise<string>
  listAll(prefix: string, options: object): Promise<{ objects: Iterable<unknown>; paginationToken?: string }>
}

export const flydrive: MakeClient = async (s3) => {
  const { Disk } = await peer<{ Disk: Class<Disk> }>("flydrive")
  const { S3Driver } = await peer<{ S3Driver: Class<object> }>("flydrive/drivers/s3")
  const disk = make(Disk, make(S3Driver, { ...clientOptions(s3), bucket: s3.bucket, visibility: "private" }))
  return {
    put: (name, bytes) => disk.put(name, bytes),
    get: (name) => disk.getBytes(name),
    exists: (name) => disk.exists(name),
    async list() {
      let count = 0
      let paginationToken: string | undefined
      do {
        const page = await disk.listAll("", { recursive: true, paginationToken })
        for (const _ of page.objects) count++
        paginationToken = page.paginationToken
      } while (paginationToken !== undefined)
      return count
    },
    sign: (name) => disk.getSignedUrl(name),
  }
}

interface FileStorage {
  write(name: string, bytes: Uint8Array): Promise<void>
  readToUint8Array(name: string): Promise<Uint8Array>
  fileExists(name: string): Promise<boolean>
  list(path: string, options: object): AsyncIterable<unknown>
  temporaryUrl(name: string, options: object): Promise<string>
}

export const flystorage: MakeClient = async (s3) => {
  const { FileStorage } = await peer<{ FileStorage: Class<FileStorage> }>("@flystorage/file-storage")
  const { AwsS3StorageAdapter } = await peer<{ AwsS3StorageAdapter: Class<object> }>("@flystorage/aws-s3")
  const { S3Client } = await peer<{ S3Client: Class<object> }>("@aws-sdk/client-s3")
  const storage = make(
    FileStorage,
    make(AwsS3StorageAdapter, make(S3Client, clientOptions(s3)), { bucket: s3.bucket, region: s3.region }),
  )
  return {
    put: (name, bytes) => storage.write(name, bytes),
    get: (name) => storage.readToUint8Array(name),
    exists: (name) => storage.fileExists(name),
    async list() {
      let count = 0
      for await (const _ of storage.list("", { deep: true })) count++
      return count
    },
    sign: (name) => storage.temporaryUrl(name, { expiresAt: Date.now() + 3_600_000 }),
  }
}

interface Files {
  upload(name: string, bytes: Uint8Array): Promise<unknown>
  download(name: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>
  exists(name: string): Promise<boolean>
  listAll(): AsyncIterable<unknown>
  delete(names: readonly string[]): Promise<{ errors?: readonly unknown[] }>
  url(name: string): Promise<string>
}

export const filesSdk: MakeClient = async (s3) => {
  const { Files } = await peer<{ Files: Class<Files> }>("files-sdk")
  const adapter = await peer<{ s3(options: object): object }>("files-sdk/s3")
  const files = make(Files, { adapter: adapter.s3({ ...clientOptions(s3), bucket: s3.bucket }) })
  return {
    put: (name, bytes) => files.upload(name, bytes),
    get: async (name) => new Uint8Array(await (await files.download(name)).arrayBuffer()),
    exists: (name) => files.exists(name),
    async list() {
      let count = 0
      for await (const _ of files.listAll()) count++
      return count
    },
    async deleteMany(names) {
      const { errors = [] } = await files.delete(names)
      if (errors.length > 0) throw new Error("Not all were deleted.")
    },
    sign: (name) => files.url(name),
  }
}

interface S3mini {
  putObject(name: string, bytes: Uint8Array): Promise<unknown>
  getObjectArrayBuffer(name: string): Promise<ArrayBuffer>
  objectExists(name: string): Promise<boolean | null>
  listObjects(): Promise<readonly unknown[] | null>
  deleteObjects(names: readonly string[]): Promise<readonly boolean[]>
  getPresignedUrl(method: "GET", name: string, expiresIn: number): Promise<string>
}

export const s3mini: MakeClient = async ({ endpoint, bucket, region, credentials }) => {
  const { S3mini } = await peer<{ S3mini: Class<S3mini> }>("s3mini")
  const address = endpoint === "" ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint}/${bucket}`
  const client = make(S3mini, { ...credentials, endpoint: address, region })
  return {
    put: (name, bytes) => client.putObject(name, bytes),
    get: async (name) => new Uint8Array(await client.getObjectArrayBuffer(name)),
    exists: async (name) => (await client.objectExists(name)) === true,
    list: async () => (await client.listObjects())?.length ?? 0,
    async deleteMany(names) {
      if ((await client.deleteObjects(names)).includes(false)) throw new Error("Not all were deleted.")
    },
    sign: (name) => client.getPresignedUrl("GET", name, 3600),
  }
}

interface AwsClient {
  sign(url: string, init: object): Promise<{ url: string }>
  fetch(url: string, init?: object): Promise<Response>
}

export const aws4fetch: MakeClient = async ({ endpoint, bucket, region, credentials }) => {
  const { AwsClient } = await peer<{ AwsClient: Class<AwsClient> }>("aws4fetch")
  const client = make(AwsClient, { ...credentials, region, service: "s3" })
  const address = endpoint === "" ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint}/${bucket}`
  const checked = async (answer: Response) => {
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return answer
  }
  return {
    put: async (name, body) =>
      (await checked(await client.fetch(`${address}/${name}`, { method: "PUT", body }))).arrayBuffer(),
    get: async (name) => new Uint8Array(await (await checked(await client.fetch(`${address}/${name}`))).arrayBuffer()),
    exists: async (name) => (await client.fetch(`${address}/${name}`, { method: "HEAD" })).ok,
    sign: async (name) =>
      (await client.sign(`${address}/${name}?X-Amz-Expires=3600`, { method: "GET", aws: { signQuery: true } })).url,
  }
}

interface UnstorageDriver {
  setItemRaw(name: string, bytes: Uint8Array): Promise<void>
  getItemRaw(name: string): Promise<ArrayBuffer>
  hasItem(name: string): Promise<boolean>
  removeItem(name: string): Promise<void>
}

export const unstorage: MakeClient = async ({ endpoint, bucket, region, credentials }) => {
  const library = await peer<{ createStorage(options: object): UnstorageDriver }>("unstorage")
  const driver = await peer<{ default(options: object): object }>("unstorage/drivers/s3")
  const storage = library.createStorage({ driver: driver.default({ ...credentials, endpoint, region, bucket }) })
  return {
    put: (name, bytes) => storage.setItemRaw(name, bytes),
    get: async (name) => new Uint8Array(await storage.getItemRaw(name)),
    exists: (name) => storage.hasItem(name),
  }
}

interface Answer<Value> {
  readonly error: string | null
  readonly value: Value
}

interface Abstraction {
  addFileFromBuffer(options: object): Promise<Answer<string>>
  getFileAsStream(name: string): Promise<Answer<AsyncIterable<Buffer>>>
  fileExists(name: string): Promise<Answer<boolean>>
  getSignedURL(name: string, options: object): Promise<Answer<string>>
}

export const tweedegolf: MakeClient = async (s3) => {
  const abstraction = await peer<Readonly<Record<string, Class<Abstraction>>>>("@tweedegolf/storage-abstraction")
  const { endpoint, region, credentials, bucket } = s3
  const place = endpoint === "" ? {} : { endpoint, forcePathStyle: true }
  const storage = make(abstraction["Storage"]!, {
    provider: "aws",
    ...credentials,
    ...place,
    region,
    bucketName: bucket,
  })
  const value = async <Value>(answer: Promise<Answer<Value>>) => {
    const { error, value: given } = await answer
    if (error !== null) throw new Error(error)
    return given
  }
  return {
    put: (targetPath, buffer) => value(storage.addFileFromBuffer({ buffer, targetPath })),
    async get(name) {
      const chunks: Buffer[] = []
      for await (const chunk of await value(storage.getFileAsStream(name))) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    exists: (name) => value(storage.fileExists(name)),
    sign: (name) => value(storage.getSignedURL(name, { expiresIn: 3600 })),
  }
}

function clientOptions({ endpoint, region, credentials }: Context["s3"]): object {
  return { ...(endpoint && { endpoint, forcePathStyle: true }), region, credentials }
}
