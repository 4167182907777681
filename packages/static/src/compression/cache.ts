import { closeSync, fstatSync, futimesSync, openSync, readFileSync } from "node:fs"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { randomText } from "@node-storages/core"
import { type Outcome, readEntry, writeEntry } from "./cache-entry.ts"
import { sweepFolder, type SweepOptions, type SweepReport, temporaryName } from "./cache-sweep.ts"

/** An entry that is used is touched when its time is older than this, in milliseconds: not at each use. */
const TOUCH_AFTER = 24 * 60 * 60 * 1000

/**
 * Entries up to this many bytes are read synchronously: 10 µs each, where asynchronous calls take 50, and longer behind
 * encoders. Runs in which little has changed consist of such reads, thousands of them.
 */
const READ_AT_ONCE = 256 * 1024

export interface CompressionCacheOptions {
  /**
   * Told of what fails, once for each kind of failure: a cache that can't be read or written costs time, and is never a
   * reason to fail. Default: nobody is told.
   */
  readonly onWarning?: ((message: string) => void) | undefined
}

/**
 * Compressed bytes by what they were made of, in a folder. Entries are written under a temporary name and renamed, so
 * that any number of processes may use the folder at once; damaged ones count as missing.
 */
export class CompressionCache {
  readonly folder: string
  readonly #onWarning: ((message: string) => void) | undefined
  readonly #warned = new Set<string>()

  constructor(folder: string, { onWarning }: CompressionCacheOptions = {}) {
    this.folder = folder
    this.#onWarning = onWarning
  }

  /** What is kept under a key (64 hexadecimal digits), or undefined. Never rejects. */
  async get(key: string): Promise<Outcome[] | undefined> {
    try {
      const outcomes = readEntry(await readAndTouch(this.#pathOf(key)))
      if (outcomes === undefined)
        this.#warn("damaged", `an entry is damaged and will be made anew: ${this.#pathOf(key)}`)
      return outcomes
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#warn(`read ${codeOf(error)}`, `can't be read: ${messageOf(error)}`)
      return undefined
    }
  }

  /** Keeps what the compression of a file came to, with each of its encodings. Never rejects. */
  async put(key: string, outcomes: readonly Outcome[]): Promise<void> {
    const path = this.#pathOf(key)
    const temporary = join(dirname(path), temporaryName(randomText(16)))
    try {
      await writeNew(temporary, writeEntry(outcomes))
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      // Windows does not replace a file that another process reads just now: what is there says the same.
      if (await isGood(path)) return
      this.#warn(`write ${codeOf(error)}`, `can't be written: ${messageOf(error)}`)
    }
  }

  /** Removes what was not used for some time. Never rejects, except for a wrong option. */
  sweep(options?: SweepOptions): Promise<SweepReport> {
    return sweepFolder(this.folder, options, (error) =>
      this.#warn(`sweep ${codeOf(error)}`, `can't be swept: ${messageOf(error)}`),
    )
  }

  /** 256 folders: one alone would be slow to list on some file systems. */
  #pathOf(key: string): string {
    return join(this.folder, key.slice(0, 2), key.slice(2))
  }

  #warn(kind: string, problem: string): void {
    if (this.#warned.has(kind)) return
    this.#warned.add(kind)
    this.#onWarning?.(`The cache of compressed files in ${this.folder} ${problem}`)
  }
}

async function readAndTouch(path: string): Promise<Buffer> {
  const descriptor = openSync(path, "r")
  try {
    const { mtimeMs, size } = fstatSync(descriptor)
    if (Date.now() - mtimeMs > TOUCH_AFTER) touch(descriptor)
    if (size <= READ_AT_ONCE) return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return await readFile(path)
}

function touch(descriptor: number): void {
  const now = new Date()
  try {
    futimesSync(descriptor, now, now)
  } catch {
    // A folder may be readable only: what is in it is good all the same.
  }
}

async function writeNew(path: string, entry: Buffer): Promise<void> {
  try {
    await writeFile(path, entry, { flag: "wx" })
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, entry, { flag: "wx" })
  }
}

async function isGood(path: string): Promise<boolean> {
  const file = await readFile(path).catch(() => undefined)
  return file !== undefined && readEntry(file) !== undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : ""
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
