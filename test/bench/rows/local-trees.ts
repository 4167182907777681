import type { Stats } from "node:fs"
import { lstat, mkdir, readdir, realpath, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LocalStorage } from "@node-storages/local"
import { LIBRARIES, PEERS, RAW } from "../file-libraries.ts"
import { type BenchRow, OURS, type Subject } from "../harness/row.ts"

/** As uploads lie by month and day: a hundred files in each directory. */
async function makeTree(folder: string, count: number): Promise<string[]> {
  const names: string[] = []
  for (let number = 0; number < count; number++) {
    const [directory, file] = [Math.floor(number / 100), number % 100]
    names.push(
      `uploads/${2000 + Math.floor(directory / 100)}/${String(directory % 100).padStart(2, "0")}/photo-${file}.jpg`,
    )
  }
  const directories = new Set(names.map((name) => join(folder, name, "..")))
  for (const each of directories) await mkdir(each, { recursive: true })
  await inParallel(names, (name) => writeFile(join(folder, name), "x"))
  return names
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: 64 }, worker))
}

const listing =
  (open: (folder: string) => Promise<{ count(): Promise<number> }>): Subject =>
  async ({ folder, size }) => {
    await makeTree(folder, size)
    const files = await open(folder)
    return {
      async run() {
        const count = await files.count()
        if (count !== size) throw new Error(`${count} files are listed instead of ${size}.`)
      },
    }
  }

async function counted(listed: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of listed) count++
  return count
}

async function regularFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

const names = listing(async (folder) => ({ count: async () => (await regularFiles(folder)).length }))
const namesAndSizes = listing(async (folder) => ({
  async count() {
    const files = await regularFiles(folder)
    const all: Stats[] = []
    await inParallel(files, async (path) => all.push(await lstat(path)))
    return all.length
  },
}))

/** As LocalStorage does: each directory is seen to be where it was, so that no symbolic link leads out. */
const checkedNames = listing(async (folder) => {
  const collect = async (directory: string, found: string[]): Promise<string[]> => {
    const [entries, real] = await Promise.all([readdir(directory, { withFileTypes: true }), realpath(directory)])
    if (real !== directory) return found
    for (const entry of entries) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) await collect(path, found)
      else if (entry.isFile()) found.push(path)
    }
    return found
  }
  return { count: async () => (await collect(folder, [])).length }
})

const ourNames = listing(async (folder) => {
  const storage = new LocalStorage(folder)
  return { count: () => counted(storage.listNames()) }
})
const ourList = listing(async (folder) => {
  const storage = new LocalStorage(folder)
  return { count: () => counted(storage.list()) }
})

const { "files-sdk": _, ...PEERS_THAT_LIST } = PEERS
const CHECKED = `${RAW}, links checked`
const LOOKED_AT = `${RAW}, with sizes`
const TREE = { unit: "file", times: 100_000, rounds: 3, ratioOf: "cpu" } as const

/**
 * Names, sizes and times of 100,000 files. By hand: one recursive `readdir` with the types of the entries, and one `lstat`
 * for each file, 64 at a time. Some of the peers look at no file, and tell no size. files-sdk begins anew for each page, and
 * would take many minutes for so many.
 */
export const localList: BenchRow = {
  title: "List 100,000 files on disk with size and time",
  ...TREE,
  base: LOOKED_AT,
  goals: [{ base: LOOKED_AT, atMost: 1.2 }],
  subjects: {
    [LOOKED_AT]: namesAndSizes,
    [OURS]: ourList,
    ...Object.fromEntries(Object.entries(PEERS_THAT_LIST).map(([name, open]) => [name, listing(open)])),
  },
}

/** The names alone. By hand: one recursive `readdir`, with types, which is six times as fast as without. */
export const localNames: BenchRow = {
  title: "List the names of 100,000 files on disk",
  ...TREE,
  base: RAW,
  goals: [
    { base: RAW, atMost: 1.2 },
    { base: CHECKED, atMost: 1.2 },
  ],
  subjects: { [RAW]: names, [CHECKED]: checkedNames, [OURS]: ourNames },
}

/** Whether a file costs the same in a large tree as in a small one. */
export const localGrowthList: BenchRow = {
  title: "List a growing tree on disk",
  ...TREE,
  sizes: [1000, 10_000, 100_000],
  base: RAW,
  goals: [],
  subjects: { [RAW]: names, [LOOKED_AT]: namesAndSizes, [`${OURS}, names`]: ourNames, [OURS]: ourList },
}

const deleting =
  (open: (folder: string) => Promise<(all: readonly string[]) => Promise<unknown>>): Subject =>
  async ({ folder, size }) => {
    let all: string[] = []
    const remove = await open(folder)
    return {
      async prepare() {
        all = await makeTree(folder, size)
      },
      async run() {
        await remove(all)
        const left = await regularFiles(folder)
        if (left.length > 0) throw new Error(`${left.length} files are left.`)
      },
    }
  }

/** By hand: `unlink`, 64 at a time. The peers have nothing for many files but one call after another. */
export const localGrowthDeleteMany: BenchRow = {
  title: "Delete many files on disk",
  ...TREE,
  sizes: [1000, 10_000, 50_000],
  base: RAW,
  goals: [],
  subjects: {
    [RAW]: deleting(async (folder) => (all) => inParallel(all, (name) => unlink(join(folder, name)))),
    [OURS]: deleting(async (folder) => {
      const storage = new LocalStorage(folder)
      return (all) => storage.deleteMany(all)
    }),
    flydrive: deleting(async (folder) => {
      const files = await LIBRARIES["flydrive"]!(folder)
      return async (all) => {
        for (const name of all) await files.remove(name)
      }
    }),
  },
}
