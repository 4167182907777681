import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { intercept, type Storage } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic } from "@node-storages/static"
import { median, type Row } from "./table.ts"

const ROUNDS = 3
/** A tree of published packages, where one is named: `BENCH_STATIC=/path/to/node_modules`. */
const TREE = process.env["BENCH_STATIC"]

/** Collecting a tree of static files to disk, without compression, beside reading, hashing and writing its bytes. */
export async function collecting(): Promise<Row[]> {
  const folder = await mkdtemp(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "node-storages-collect-"))
  try {
    const source = TREE ?? (await madeTree(join(folder, "source")))
    const seconds: Record<string, number[]> = { floor: [], first: [], second: [] }
    let calls: Record<string, number> = {}
    let files = 0
    for (let round = 0; round < ROUNDS; round++) {
      const [raw, target] = [join(folder, `raw-${round}`), join(folder, `target-${round}`)]
      seconds["floor"]!.push(await timed(() => copyTree(source, raw)))
      const storage: Storage = new LocalStorage(target).with(
        intercept((call) => {
          calls[call.member] = (calls[call.member] ?? 0) + 1
          return call.run(call.signal)
        }),
      )
      const config = defineStatic({ storage, sources: [source], compress: false, plain: false })
      const run = async () => {
        calls = {}
        files = (await collect(config, { strict: false })).files
      }
      seconds["first"]!.push(await timed(run))
      seconds["second"]!.push(await timed(run))
      await Promise.all([raw, target].map((each) => rm(each, { recursive: true, force: true })))
    }
    const floor = median(seconds["floor"]!)
    const row = (what: string, value: number, storage: string): Row => ({
      what,
      files,
      seconds: value.toFixed(2),
      "of the floor": (value / floor).toFixed(2),
      "storage calls": storage,
    })
    const secondCalls = Object.entries(calls).map(([member, count]) => `${member} ${count}`)
    return [
      row("floor: read, hash, write", floor, ""),
      row("collect, first", median(seconds["first"]!), ""),
      row("collect, nothing changed", median(seconds["second"]!), secondCalls.join(", ")),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** 3,000 files: styles that refer to pictures, scripts that import scripts. */
async function madeTree(folder: string): Promise<string> {
  for (let index = 0; index < 1000; index++) {
    await writeInto(folder, `img/${index}.png`, Buffer.alloc(8000, index))
    const rules = Array.from(
      { length: 50 },
      (_, rule) => `.a${rule} { background: url(../img/${(index + rule) % 1000}.png) }`,
    )
    await writeInto(folder, `css/${index}.css`, rules.join("\n"))
    await writeInto(
      folder,
      `js/${index}.js`,
      `import "./${(index + 1) % 1000}.js"\n${"// a line of a script\n".repeat(200)}`,
    )
  }
  return folder
}

async function writeInto(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), content)
}

/** As little as any collect must do. */
async function copyTree(source: string, target: string): Promise<void> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    createHash("sha256").update(bytes).digest("hex")
    await writeInto(target, path.slice(source.length + 1), bytes)
  }
}
