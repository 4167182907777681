import { readdir } from "node:fs/promises"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import type { Storage, StorageDriver } from "@node-storages/core"
import { findConfig } from "../../config/find-config.ts"
import { type Config, loadConfig } from "../../config/load-config.ts"
import { parsePlace } from "../../locations/place.ts"

/** What a word may become. One that ends in `/`, `:` or `=` goes on. */
export interface Candidate {
  readonly value: string
  readonly description?: string | undefined
}

/** Storages and files that a word may name. What is not known in time is left out, and no error is told. */
export interface Places {
  /** The names of the configured storages, with this ending. */
  storages(ending: string): Promise<readonly Candidate[]>
  /** Files and folders of this machine. */
  files(current: string): Promise<readonly Candidate[]>
  /**
   * Storages, and what is in one of them.
   * @param plainIsLocal whether a plain name is a file of this machine
   */
  all(current: string, plainIsLocal: boolean): Promise<readonly Candidate[]>
}

const LOCAL_START = /^(?:\.{1,2}\/|\/|~\/|\.{1,2}$|~$)/

/**
 * @param folder where the command is typed
 * @param values of the options that were typed before
 * @param signal aborts when the time is over
 */
export function placesIn(folder: string, values: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Places {
  let loading: Promise<Config | undefined> | undefined
  const config = async (): Promise<Config | undefined> => {
    loading ??= inTime(load(folder, values), signal)
    return await loading
  }
  const storages = async (ending: string): Promise<Candidate[]> => {
    const names = (await config())?.names ?? []
    return names.map((name) => ({ value: name + ending, description: ending === "" ? "storage" : undefined }))
  }
  const files = (current: string): Promise<Candidate[]> => filesIn(folder, current)
  return {
    storages,
    files,
    async all(current, plainIsLocal) {
      if (LOCAL_START.test(current)) return await files(current)
      const parsed = parsePlace(current)
      if (parsed.kind === "url") return []
      if (parsed.kind === "storage") {
        const storage = storageOf(await config(), parsed.storage)
        const found = storage && (await inTime(namesIn(storage, parsed.name, signal), signal))
        return (found ?? []).map(({ value }) => ({ value: `${parsed.storage}:${value}` }))
      }
      const named = values.get("storage")?.at(-1)
      const storage = named === undefined ? undefined : storageOf(await config(), named)
      const within = storage && (await inTime(namesIn(storage, current, signal), signal))
      const plain = within ?? (plainIsLocal ? await files(current) : [])
      return [...(await storages(":")), ...plain]
    },
  }
}

/** Undefined where it fails, or is not done in time. */
async function inTime<Result>(running: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  const late = new Promise<undefined>((done) => {
    if (signal.aborted) done(undefined)
    else signal.addEventListener("abort", () => done(undefined), { once: true })
  })
  return await Promise.race([running.catch(() => undefined), late])
}

async function load(folder: string, values: ReadonlyMap<string, readonly string[]>): Promise<Config | undefined> {
  for (const file of values.get("env") ?? []) process.loadEnvFile(resolve(folder, file))
  const file = findConfig(folder, values.get("config")?.at(-1))
  return file === undefined ? undefined : await loadConfig(file)
}

function storageOf(config: Config | undefined, name: string): Storage | undefined {
  try {
    return config?.storage(name.replace(/:$/, ""))
  } catch {
    return undefined
  }
}

/** One level of a storage: the first page of it, which is one request. */
async function namesIn(storage: Storage, current: string, signal: AbortSignal): Promise<Candidate[]> {
  const prefix = current.slice(0, current.lastIndexOf("/") + 1)
  const { driver } = storage as { driver?: StorageDriver }
  if (driver === undefined) return []
  const { files, prefixes } = await driver.page({ prefix, recursive: false, signal })
  return [...prefixes, ...files.map(({ name }) => name)].map((value) => ({ value }))
}

async function filesIn(folder: string, current: string): Promise<Candidate[]> {
  const directory = current.slice(0, current.lastIndexOf("/") + 1)
  const home = /^~(?=\/|$)/
  const path = resolve(folder, directory.replace(home, homedir()))
  const hidden = current.slice(directory.length).startsWith(".")
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const shown = entries.filter(({ name }) => hidden || !name.startsWith("."))
  const candidates = await Promise.all(
    shown.map(async (entry) => {
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(join(path, entry.name))))
      return { value: directory + entry.name + (isFolder ? "/" : "") }
    }),
  )
  return candidates.toSorted((one, other) => (one.value < other.value ? -1 : 1))
}

async function leadsToFolder(path: string): Promise<boolean> {
  return await readdir(path).then(
    () => true,
    () => false,
  )
}
