/** Core in a page or a worker, with a driver of the page's own: nothing of Node is there. */
import {
  compareKeys,
  DriverStorage,
  type DriverObject,
  type FileInfo,
  type ListPage,
  normalizeName,
  type PageOptions,
  prefix,
  type PutBody,
  type PutOptions,
  type StorageDriver,
  StorageError,
  transfer,
} from "@node-storages/core"

class PageDriver implements StorageDriver {
  readonly name = "page"
  readonly target = "page:"
  readonly features = {
    conditionalCreate: true,
    conditionalMatch: false,
    conditionalCopy: false,
    metadata: false,
    cacheControl: false,
    contentDisposition: false,
    contentEncoding: false,
    contentLanguage: false,
  }
  readonly limits = { keyBytes: 1024 }
  readonly #files = new Map<string, { readonly info: FileInfo; readonly blob: Blob }>()

  async put(key: string, body: PutBody, { contentType, ifAbsent, nextKey }: PutOptions): Promise<FileInfo> {
    const chunks: Uint8Array<ArrayBuffer>[] = []
    for await (const chunk of body.stream()) chunks.push(Uint8Array.from(chunk))
    let free = key
    while (ifAbsent && this.#files.has(free)) {
      if (!nextKey) throw new StorageError("already-exists", `${key} is there already.`)
      free = nextKey()
    }
    const blob = new Blob(chunks, { type: contentType })
    const info = { name: free, size: blob.size, contentType, modified: new Date() }
    this.#files.set(free, { info, blob })
    return info
  }

  async get(key: string): Promise<DriverObject | undefined> {
    const file = this.#files.get(key)
    return file && { info: file.info, length: file.blob.size, chunks: bytesOf(file.blob) }
  }

  async head(key: string): Promise<FileInfo | undefined> {
    return this.#files.get(key)?.info
  }

  async remove(key: string): Promise<void> {
    this.#files.delete(key)
  }

  async page({ prefix: start }: PageOptions): Promise<ListPage> {
    const keys = [...this.#files.keys()].filter((key) => key.startsWith(start)).toSorted(compareKeys)
    return { files: keys.map((key) => this.#files.get(key)!.info), prefixes: [] }
  }

  errorCode(): undefined {
    return undefined
  }
}

async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await blob.arrayBuffer())
}

async function use(): Promise<unknown> {
  const storage = new DriverStorage(new PageDriver(), { baseUrl: "/media/" })
  const name = await storage.save(normalizeName("a/b.txt"), new Blob(["hello"]))
  const again = await storage.save(name, "again")
  const missing: unknown = await storage.stat("nothing").catch((error: unknown) => error)
  const target = new DriverStorage(new PageDriver()).with(prefix("tenant"))
  const { copied } = await transfer(storage, target)
  return {
    name,
    renamed: again !== name,
    text: await target.open(name).text(),
    type: (await storage.stat(name)).contentType,
    url: storage.publicUrl("a b.txt"),
    copied,
    missing: StorageError.is(missing, "not-found"),
    node: ["process", "Buffer", "require", "global"].filter((each) => each in globalThis),
  }
}

Object.assign(globalThis, { works: use() })
