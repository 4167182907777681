// One of several processes on a server. Prints JSON.
import { text } from "node:stream/consumers"
import { StorageError } from "@node-storages/core"
import { SftpStorage } from "storages-sftp"
import { MEBIBYTE, numbered, type Task } from "./task.ts"

const { root, options, task, id } = JSON.parse(await text(process.stdin)) as Task
const storage = new SftpStorage(root, options)

/** Bytes that are not garbage. */
function inUse(): number {
  globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const TASKS: Record<Task["task"], () => Promise<unknown>> = {
  /** Saves one name many times. */
  save: () =>
    Promise.all(
      Array.from({ length: 40 }, async (_, index) => [
        await storage.save("race/a.txt", `${id} ${index}`),
        `${id} ${index}`,
      ]),
    ),
  /** Tries to create each of some names, and tells those that it won. */
  async create() {
    const won: string[] = []
    for (let index = 0; index < 60; index++) {
      try {
        won.push((await storage.write(`once/${index}.txt`, id, { ifAbsent: true })).name)
      } catch (error) {
        if (!StorageError.is(error, "already-exists")) throw error
      }
    }
    return won
  },
  /** Uploads without end, until it is killed. */
  async upload() {
    async function* endless() {
      for (;;) {
        yield* numbered(MEBIBYTE)
        process.stdout.write(".")
      }
    }
    await storage.write("never.bin", endless())
  },
  /** Writes and reads a large file, and tells how many bytes were in use at the most, above what was before. */
  async large() {
    await storage.write("small.txt", "to be connected")
    const before = inUse()
    let most = before
    const watch = setInterval(() => (most = Math.max(most, inUse())), 50)
    await storage.write("large.bin", numbered(64 * MEBIBYTE))
    let read = 0
    for await (const chunk of storage.open("large.bin").stream()) read += chunk.byteLength
    clearInterval(watch)
    return { read, growth: most - before }
  },
  /** Is done, and does not close. */
  idle: async () => (await storage.write("a.txt", "x")).size,
}

console.log(JSON.stringify(await TASKS[task]()))
if (task !== "idle") await storage.close()
