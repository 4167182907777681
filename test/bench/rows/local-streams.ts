import { createReadStream, createWriteStream } from "node:fs"
import { open, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { LocalStorage } from "@node-storages/local"
import { consume, GIBIBYTE, largeReadable, largeSource, MEBIBYTE } from "../harness/large-source.ts"
import { peer } from "../harness/peers.ts"
import { type BenchRow, type Context, OURS, type Work } from "../harness/row.ts"

const NAME = "large.bin"
const SIZE = 2 * GIBIBYTE

/** @param store a stream of unknown length in the file of that name, which is not there */
function saving({ folder }: Context, store: () => Promise<unknown>): Promise<Work> {
  const path = join(folder, NAME)
  return Promise.resolve({
    async run() {
      await store()
      const { size } = await stat(path)
      if (size !== SIZE) throw new Error(`${size} bytes were stored instead of ${SIZE}.`)
    },
    // Whoever comes next finds as much memory as this one did, and no bytes on their way to the disk.
    tidy: () => rm(path),
  })
}

/** @param read the file of that name */
async function reading({ folder }: Context, read: () => Promise<AsyncIterable<Uint8Array>>): Promise<Work> {
  await writeFile(join(folder, NAME), largeReadable(SIZE))
  return { run: async () => consume(await read(), SIZE) }
}

interface LocalPeer {
  save(stream: Readable): Promise<unknown>
  read(): Promise<AsyncIterable<Uint8Array>>
}

/** The peers, which both rows have. */
const PEERS: Readonly<Record<string, (folder: string) => Promise<LocalPeer>>> = {
  async flydrive(folder) {
    const { Disk } = await peer<{
      Disk: new (driver: unknown) => {
        putStream(key: string, stream: Readable): Promise<void>
        getStream(key: string): Promise<Readable>
      }
    }>("flydrive")
    const { FSDriver } = await peer<{ FSDriver: new (options: object) => unknown }>("flydrive/drivers/fs")
    const disk = new Disk(new FSDriver({ location: folder, visibility: "private" }))
    return { save: (stream) => disk.putStream(NAME, stream), read: () => disk.getStream(NAME) }
  },
  async "@flystorage/local-fs"(folder) {
    const { FileStorage } = await peer<{
      FileStorage: new (adapter: unknown) => {
        write(path: string, stream: Readable): Promise<void>
        read(path: string): Promise<Readable>
      }
    }>("@flystorage/file-storage")
    const { LocalStorageAdapter } = await peer<{ LocalStorageAdapter: new (root: string) => unknown }>(
      "@flystorage/local-fs",
    )
    const storage = new FileStorage(new LocalStorageAdapter(folder))
    return { save: (stream) => storage.write(NAME, stream), read: () => storage.read(NAME) }
  },
}

/**
 * A stream of unknown length into a file. node-storages writes a temporary file and gives it its name at the end, so
 * that nobody sees a part of it; the others, and the floor, write the file itself. files-sdk keeps all in memory, and
 * fails above 2 GiB.
 */
export const localStream: BenchRow = {
  title: "Save a stream of 2 GiB on disk",
  unit: "file",
  times: 1,
  rounds: 3,
  ratioOf: "wall",
  base: "createWriteStream",
  goals: [{ base: "createWriteStream", atMost: 0.6 }],
  subjects: {
    "floor: writes of 512 KiB": (context) =>
      saving(context, async () => {
        const handle = await open(join(context.folder, NAME), "w")
        const block = Buffer.allocUnsafeSlow(MEBIBYTE / 2)
        let filled = 0
        for await (const chunk of largeSource(SIZE)) {
          block.set(chunk, filled)
          filled += chunk.byteLength
          if (filled < block.byteLength) continue
          await handle.write(block)
          filled = 0
        }
        await handle.close()
      }),
    createWriteStream: (context) =>
      saving(context, () => pipeline(largeReadable(SIZE), createWriteStream(join(context.folder, NAME)))),
    [OURS]: (context) => {
      const storage = new LocalStorage(context.folder)
      return saving(context, () => storage.save(NAME, largeReadable(SIZE)))
    },
    ...peersOf((each, context) => saving(context, () => each.save(largeReadable(SIZE)))),
  },
}

/** A file read to its end, chunk by chunk, each of which the reader may keep. */
export const localStreamRead: BenchRow = {
  title: "Read a file of 2 GiB from disk",
  unit: "file",
  times: 1,
  rounds: 3,
  ratioOf: "wall",
  base: "createReadStream",
  goals: [{ base: "createReadStream", atMost: 1 }],
  subjects: {
    "floor: reads of 512 KiB": (context) =>
      reading(context, () => Promise.resolve(largeReads(join(context.folder, NAME)))),
    createReadStream: (context) =>
      reading(context, () => Promise.resolve(createReadStream(join(context.folder, NAME)))),
    [OURS]: (context) => {
      const storage = new LocalStorage(context.folder)
      return reading(context, () => Promise.resolve(storage.open(NAME)))
    },
    ...peersOf((each, context) => reading(context, () => each.read())),
  },
}

function peersOf(measure: (each: LocalPeer, context: Context) => Promise<Work>): BenchRow["subjects"] {
  const entries = Object.entries(PEERS).map(([name, make]) => [
    name,
    async (context: Context) => measure(await make(context.folder), context),
  ])
  return Object.fromEntries(entries) as BenchRow["subjects"]
}

async function* largeReads(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path)
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(MEBIBYTE / 2))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
