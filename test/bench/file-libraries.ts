import { link, lstat, open, readdir, readFile, realpath, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { LocalStorage } from "@node-storages/local"
import { peer } from "./harness/peers.ts"
import { OURS } from "./harness/row.ts"

/** What is done with small files in a folder, by whichever library. */
export interface Files {
  save(name: string, bytes: Uint8Array): Promise<unknown>
  read(name: string): Promise<Uint8Array>
  exists(name: string): Promise<boolean>
  remove(name: string): Promise<unknown>
  /** How many files there are. */
  count(): Promise<number>
}

export const RAW = "node:fs/promises"

/**
 * By hand, with the guarantees of LocalStorage for a name without directories: a save is seen whole or not at all and
 * replaces nothing; only a regular file exists.
 */
export const raw = (folder: string): Files => ({
  async save(name, bytes) {
    const path = join(folder, name)
    const file = await open(`${path}.tmp`, "wx")
    await file.write(bytes)
    await file.close()
    await link(`${path}.tmp`, path)
    await unlink(`${path}.tmp`)
  },
  read: (name) => readFile(join(folder, name)),
  exists: (name) => isRegularFile(join(folder, name)),
  remove: (name) => unlink(join(folder, name)),
  async count() {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).length
  },
})

/** The same for names with directories: what is asked for is inside the folder, whatever symbolic links are on the way. */
export const rawInside = (folder: string): Files => {
  const files = raw(folder)
  const inside = async (name: string) => {
    if (!(await realpath(join(folder, dirname(name)))).startsWith(folder)) throw new Error(`${name} leads out.`)
  }
  const checked = async <Result>(name: string, work: Promise<Result>) => (await Promise.all([work, inside(name)]))[0]
  return {
    ...files,
    async save(name, bytes) {
      await inside(name)
      await files.save(name, bytes)
    },
    read: (name) => checked(name, files.read(name)),
    exists: (name) => checked(name, files.exists(name)),
    async remove(name) {
      await inside(name)
      await files.remove(name)
    },
  }
}

async function isRegularFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile()
  } catch {
    return false
  }
}

export const ours = (folder: string): Files => {
  const storage = new LocalStorage(folder)
  return {
    save: (name, bytes) => storage.save(name, bytes),
    read: (name) => storage.open(name).bytes(),
    exists: (name) => storage.exists(name),
    remove: (name) => storage.delete(name),
    async count() {
      let count = 0
      for await (const _ of storage.list()) count++
      return count
    },
  }
}

/** The libraries that are compared. None of them but files-sdk saves atomically. */
export const PEERS: Readonly<Record<string, (folder: string) => Promise<Files>>> = {
  flydrive,
  "@flystorage/local-fs": flystorage,
  "files-sdk": filesSdk,
  unstorage,
  "@tweedegolf/sab-adapter-local": tweedegolf,
}

export const LIBRARIES: Readonly<Record<string, (folder: string) => Files | Promise<Files>>> = {
  [OURS]: ours,
  ...PEERS,
}

async function flydrive(folder: string): Promise<Files> {
  interface Disk {
    put(name: string, bytes: Uint8Array): Promise<void>
    getBytes(name: string): Promise<Uint8Array>
    exists(name: string): Promise<boolean>
    delete(name: string): Promise<void>
    listAll(prefix: string, options: object): Promise<{ objects: Iterable<unknown> }>
  }
  const { Disk } = await peer<{ Disk: new (driver: unknown) => Disk }>("flydrive")
  const { FSDriver } = await peer<{ FSDriver: new (options: object) => unknown }>("flydrive/drivers/fs")
  const disk = new Disk(new FSDriver({ location: folder, visibility: "private" }))
  return {
    save: (name, bytes) => disk.put(name, bytes),
    read: (name) => disk.getBytes(name),
    exists: (name) => disk.exists(name),
    remove: (name) => disk.delete(name),
    count: async () => [...(await disk.listAll("", { recursive: true })).objects].length,
  }
}

async function flystorage(folder: string): Promise<Files> {
  interface FileStorage {
    write(name: string, bytes: Uint8Array): Promise<void>
    readToUint8Array(name: string): Promise<Uint8Array>
    fileExists(name: string): Promise<boolean>
    deleteFile(name: string): Promise<void>
    list(directory: string, options: { deep: boolean }): AsyncIterable<{ isFile: boolean }>
  }
  const { FileStorage } = await peer<{ FileStorage: new (adapter: unknown) => FileStorage }>("@flystorage/file-storage")
  const { LocalStorageAdapter } = await peer<{ LocalStorageAdapter: new (folder: string) => unknown }>(
    "@flystorage/local-fs",
  )
  const storage = new FileStorage(new LocalStorageAdapter(folder))
  return {
    save: (name, bytes) => storage.write(name, bytes),
    read: (name) => storage.readToUint8Array(name),
    exists: (name) => storage.fileExists(name),
    remove: (name) => storage.deleteFile(name),
    async count() {
      let count = 0
      for await (const { isFile } of storage.list("", { deep: true })) if (isFile) count++
      return count
    },
  }
}

async function filesSdk(folder: string): Promise<Files> {
  interface Library {
    upload(name: string, bytes: Uint8Array): Promise<unknown>
    download(name: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>
    exists(name: string): Promise<boolean>
    delete(name: string): Promise<unknown>
    listAll(): AsyncIterable<unknown>
  }
  const { Files } = await peer<{ Files: new (options: { adapter: unknown }) => Library }>("files-sdk")
  const { fs } = await peer<{ fs: (options: { root: string }) => unknown }>("files-sdk/fs")
  const files = new Files({ adapter: fs({ root: folder }) })
  return {
    save: (name, bytes) => files.upload(name, bytes),
    read: async (name) => new Uint8Array(await (await files.download(name)).arrayBuffer()),
    exists: (name) => files.exists(name),
    remove: (name) => files.delete(name),
    async count() {
      let count = 0
      for await (const _ of files.listAll()) count++
      return count
    },
  }
}

async function unstorage(folder: string): Promise<Files> {
  interface Library {
    setItemRaw(name: string, bytes: Uint8Array): Promise<void>
    getItemRaw(name: string): Promise<Uint8Array>
    hasItem(name: string): Promise<boolean>
    removeItem(name: string): Promise<void>
    getKeys(): Promise<string[]>
  }
  const { createStorage } = await peer<{ createStorage: (options: { driver: unknown }) => Library }>("unstorage")
  const { default: driver } = await peer<{ default: (options: { base: string }) => unknown }>("unstorage/drivers/fs")
  const storage = createStorage({ driver: driver({ base: folder }) })
  return {
    save: (name, bytes) => storage.setItemRaw(name, bytes),
    read: (name) => storage.getItemRaw(name),
    exists: (name) => storage.hasItem(name),
    remove: (name) => storage.removeItem(name),
    count: async () => (await storage.getKeys()).length,
  }
}

async function tweedegolf(folder: string): Promise<Files> {
  type Answer<Value> = Promise<{ value: Value | null; error: string | null }>
  interface Library {
    addFile(file: { buffer: Uint8Array; targetPath: string }): Answer<string>
    getFileAsStream(name: string): Answer<AsyncIterable<Uint8Array>>
    fileExists(name: string): Answer<boolean>
    removeFile(name: string): Answer<string>
    listFiles(): Answer<unknown[]>
  }
  const { AdapterLocal } = await peer<{ AdapterLocal: new (options: object) => Library }>(
    "@tweedegolf/sab-adapter-local",
  )
  const adapter = new AdapterLocal({
    type: "local",
    directory: join(folder, ".."),
    bucketName: folder.split("/").at(-1),
  })
  const told = async <Value>(answer: Answer<Value>): Promise<Value> => {
    const { value, error } = await answer
    if (value === null) throw new Error(error ?? "nothing")
    return value
  }
  return {
    save: (name, bytes) => told(adapter.addFile({ buffer: bytes, targetPath: name })),
    async read(name) {
      const chunks: Uint8Array[] = []
      for await (const chunk of await told(adapter.getFileAsStream(name))) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    exists: (name) => told(adapter.fileExists(name)),
    remove: (name) => told(adapter.removeFile(name)),
    count: async () => (await told(adapter.listFiles())).length,
  }
}
