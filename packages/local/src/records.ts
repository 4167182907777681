import { dirname, join } from "node:path"
import { type FileHeaders, nameProblem, OCTET_STREAM, typeOfName } from "@node-storages/core"
import { codeOf, isMissing, quietly, unlessMissing } from "./errors.ts"
import { RecentNames, sameVersion, tokenOf } from "./file-version.ts"
import { closing, type LocalFileHandle, type LocalFileStats, type Modes } from "./file-system.ts"
import type { Folder } from "./folder.ts"
import { nodeCrypto } from "./node-modules.ts"
import { writeAll } from "./write-body.ts"

const DIRECTORY = "meta"
const HEADERS = ["contentType", "cacheControl", "contentDisposition", "contentEncoding", "contentLanguage"] as const
/** For how long, in milliseconds, it is believed that a storage has no records. Being wrong leaves one to the sweep. */
const NONE_BELIEVED_FOR = 5000
const MOST_ATTEMPTS = 10

/**
 * Records that this process wrote a moment ago. Whoever replaces a version removes its record by name, and of several
 * that do so at once the last may come when the name is free again: a newer version must not have taken it by then.
 */
const recent = new RecentNames(10_000)

/** The record of a version that is about to be committed. */
export interface Claimed {
  readonly path: string
  /** The version that is in place. */
  readonly present: LocalFileStats | undefined
}

/** What a record has to hold: the headers that the name's extension does not tell already. */
export function headersToRecord(key: string, headers: FileHeaders): FileHeaders {
  const record: { -readonly [Name in keyof FileHeaders]: FileHeaders[Name] } = {}
  for (const name of HEADERS) if (headers[name] !== undefined) record[name] = headers[name]
  if (record.contentType === (typeOfName(key) ?? OCTET_STREAM)) delete record.contentType
  if (headers.metadata && Object.keys(headers.metadata).length > 0) record.metadata = headers.metadata
  return record
}

/**
 * Headers and metadata of files, one JSON file for each version that has some:
 * `meta/<2 hex>/<SHA-256 of the key>.<size>-<milliseconds>.json`.
 *
 * A record is bound to the version by its name and is written before the version's content is committed, so that both
 * change in one atomic act: who finds the old file reads the old record, who finds the new one reads the new.
 */
export class Records {
  readonly #folder: Folder
  readonly #modes: Modes
  readonly #fsync: boolean
  #directory: string | undefined
  #noneAt = -Infinity

  constructor(folder: Folder, modes: Modes, fsync: boolean) {
    this.#folder = folder
    this.#modes = modes
    this.#fsync = fsync
  }

  /**
   * The headers of a version, none where it has no record or one that can't be understood. A record that can't be read
   * must not make its file unreadable; `strict` makes an error of it, where headers would be lost for good.
   */
  async read(key: string, stats: LocalFileStats, strict: boolean): Promise<FileHeaders> {
    const token = tokenOf(stats)
    if (token === undefined) return {}
    const directory = await this.#find()
    if (directory === undefined) return {}
    return (await this.#parse(join(directory, recordName(key, token)), strict))?.headers ?? {}
  }

  /**
   * Writes the record of a version that is about to be committed under a key: no other version of the key can have
   * this token from here on.
   * @returns undefined where a version of this token is there already
   */
  async claim(key: string, target: string, stats: LocalFileStats, headers: FileHeaders): Promise<Claimed | undefined> {
    const { fileSystem } = this.#folder
    const { fileMode } = this.#modes
    const token = tokenOf(stats)!
    const name = recordName(key, token)
    const opened = await this.#create(name)
    if (opened === undefined) return undefined
    const { path, handle } = opened
    try {
      const claimed = await closing(handle, async () => {
        const present = await unlessMissing(fileSystem.lstat(target))
        // It may have this token and no record: what is written here would become its own.
        if (present && tokenOf(present) === token && !sameVersion(present, stats)) return undefined
        if (fileMode !== undefined) await handle.chmod(fileMode)
        await writeAll(handle, Buffer.from(JSON.stringify({ version: 1, key, ...headers })))
        if (this.#fsync) await handle.sync()
        return { path, present }
      })
      if (this.#fsync) await this.#folder.syncDirectory(dirname(path))
      if (claimed) return claimed
    } catch (error) {
      await quietly(fileSystem.unlink(path))
      throw error
    }
    await quietly(fileSystem.unlink(path))
    return undefined
  }

  /** A new file for a record, or undefined where there is one. */
  async #create(name: string): Promise<{ path: string; handle: LocalFileHandle } | undefined> {
    for (let attempt = 1; ; attempt++) {
      this.#directory ??= await this.#folder.makeInternal(DIRECTORY)
      const path = join(this.#directory, name)
      if (recent.has(path)) return undefined
      try {
        const handle = await this.#folder.fileSystem.open(path, "wx", this.#modes.fileMode)
        recent.add(path)
        return { path, handle }
      } catch (error) {
        if (codeOf(error) === "EEXIST") return undefined
        if (codeOf(error) !== "ENOENT" || attempt === MOST_ATTEMPTS) throw error
        await this.#folder.makeInternal(DIRECTORY, dirname(name))
      }
    }
  }

  /** Whether any version may have a record. */
  async exist(): Promise<boolean> {
    if (this.#directory !== undefined) return true
    if (performance.now() - this.#noneAt < NONE_BELIEVED_FOR) return false
    return (await this.#find()) !== undefined
  }

  /** Removes the record of a version that is gone. Never throws: a record that nothing matches is not seen. */
  async remove(key: string, stats: LocalFileStats | undefined): Promise<void> {
    const token = stats && tokenOf(stats)
    if (token === undefined || this.#directory === undefined) return
    await quietly(this.#folder.fileSystem.unlink(join(this.#directory, recordName(key, token))))
  }

  /** Removes records older than `before` that no file matches. */
  async sweep(before: number): Promise<number> {
    const { fileSystem } = this.#folder
    const directory = await this.#find()
    if (directory === undefined) return 0
    let removed = 0
    for (const shard of (await unlessMissing(fileSystem.readdir(directory, { withFileTypes: true }))) ?? []) {
      if (!shard.isDirectory()) continue
      const path = join(directory, shard.name)
      for (const { name } of (await unlessMissing(fileSystem.readdir(path, { withFileTypes: true }))) ?? []) {
        const record = join(path, name)
        const stats = await unlessMissing(fileSystem.lstat(record))
        // A young one may belong to a version that is about to be committed.
        if (!stats?.isFile() || stats.mtimeMs >= before) continue
        if (await this.#isMatched(join(shard.name, name), record)) continue
        await unlessMissing(fileSystem.unlink(record))
        removed++
      }
    }
    return removed
  }

  async #isMatched(name: string, path: string): Promise<boolean> {
    const record = await this.#parse(path, false)
    if (record === undefined || nameProblem(record.key) !== undefined) return false
    let file
    try {
      file = await this.#folder.find(record.key)
    } catch {
      // Not readable now does not mean gone.
      return true
    }
    const token = file && tokenOf(file.stats)
    return file !== undefined && token !== undefined && recordName(file.key, token) === name
  }

  /** A record's content, or undefined where there is none or a damaged one. */
  async #parse(path: string, strict: boolean): Promise<{ key: string; headers: FileHeaders } | undefined> {
    let text
    try {
      text = await this.#folder.fileSystem.readFile(path, "utf8")
    } catch (error) {
      const passing = codeOf(error) === "EMFILE" || codeOf(error) === "ENFILE"
      if (passing || (strict && !isMissing(error))) throw error
      return undefined
    }
    return parseRecord(text)
  }

  async #find(): Promise<string | undefined> {
    this.#directory ??= await this.#folder.internal(DIRECTORY)
    if (this.#directory === undefined) this.#noneAt = performance.now()
    return this.#directory
  }
}

/** What a record tells; undefined for a damaged one. */
export function parseRecord(text: string): { key: string; headers: FileHeaders } | undefined {
  try {
    const record = JSON.parse(text) as Record<string, unknown> | null
    if (record?.["version"] !== 1 || typeof record["key"] !== "string") return undefined
    return { key: record["key"], headers: headersOf(record) }
  } catch {
    return undefined
  }
}

function recordName(key: string, token: string): string {
  const hash = nodeCrypto().createHash("sha256").update(key).digest("hex")
  return join(hash.slice(0, 2), `${hash}.${token}.json`)
}

// oxlint-disable-next-line no-control-regex
const SAFE = /^[^\u0000-\u001f\u007f]*$/

/** The headers of a record, as far as they are what a header can be: the file may have been edited. */
function headersOf(record: Record<string, unknown>): FileHeaders {
  const headers: { -readonly [Name in keyof FileHeaders]: FileHeaders[Name] } = {}
  for (const name of HEADERS) {
    const value = record[name]
    if (typeof value === "string" && value !== "" && SAFE.test(value)) headers[name] = value
  }
  const { metadata } = record
  if (typeof metadata === "object" && metadata !== null && !Array.isArray(metadata)) {
    headers.metadata = Object.fromEntries(
      Object.entries(metadata).filter(([, text]) => typeof text === "string" && SAFE.test(text)),
    )
  }
  return headers
}
