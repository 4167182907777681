import { rmdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Storage } from "@node-storages/core"
import { CommandError, configError, usageError } from "./command-error.ts"
import { findConfig, noConfig } from "./config/find-config.ts"
import { type Config, loadConfig } from "./config/load-config.ts"
import { EXIT } from "./exit-codes.ts"
import { importFrom, NotInstalled } from "./import-from.ts"
import type { Interruption } from "./interruption.ts"
import { localPlace } from "./locations/local-place.ts"
import { baseOf, parsePlace, type Place, type Wanted } from "./locations/place.ts"
import { storageOfUrl } from "./locations/storage-of-url.ts"
import { isFolderUrl, splitUrl } from "./locations/url-place.ts"
import type { Output } from "./output/output.ts"

/** The options that every command has. */
export interface CommonOptions {
  readonly config?: string
  /** Not `--env-file`: Node itself looks for that one, behind the script too. */
  readonly env?: readonly string[]
  readonly import?: readonly string[]
  readonly storage?: string
  readonly yes?: boolean
}

/** What a plain name of the command line is where no storage is named: a file of this machine, or a mistake. */
export type PlainNames = "local" | "storage"

/** One run of the command: its configuration, storages and questions. */
export class Session {
  readonly options: CommonOptions
  readonly output: Output
  /** Where the command was started: paths on the command line are relative to it. */
  readonly folder: string = process.cwd()
  readonly #interruption: Interruption
  readonly #used = new Set<Storage>()
  /** Two places of one URL are in one storage, which then copies by itself. */
  readonly #ofUrls = new Map<string, Storage>()
  readonly #folders = new Set<string>()
  #config: Promise<Config | undefined> | undefined
  #prepared: Promise<void> | undefined

  constructor(options: CommonOptions, output: Output, interruption: Interruption) {
    this.options = options
    this.output = output
    this.#interruption = interruption
  }

  /** Aborts on Ctrl-C: every call of a storage gets it. */
  get signal(): AbortSignal {
    return this.#interruption.signal
  }

  /** @throws CommandError where there is none, or it is wrong */
  async config(): Promise<Config> {
    const config = await this.optionalConfig()
    if (config === undefined) throw noConfig(this.folder)
    return config
  }

  /** The configuration, where there is one: places that are URLs and folders need none. */
  async optionalConfig(): Promise<Config | undefined> {
    this.#config ??= this.#load()
    return await this.#config
  }

  /** A storage by its name in the configuration, or by its URL. */
  async storage(nameOrUrl: string): Promise<Storage> {
    const parsed = parsePlace(nameOrUrl)
    if (parsed.kind === "url" || nameOrUrl.startsWith("memory:")) {
      await this.#prepare()
      const storage = this.#ofUrls.get(nameOrUrl) ?? (await storageOfUrl(nameOrUrl, this.folder))
      this.#ofUrls.set(nameOrUrl, storage)
      return this.#use(storage)
    }
    const config = await this.config()
    return this.#use(config.storage(nameOrUrl.replace(/:$/, "")))
  }

  /**
   * What a text of the command line names.
   * @param plain what a name without a storage is
   */
  async place(text: string, plain: PlainNames, wanted: Wanted = "any"): Promise<Place> {
    const config = await this.optionalConfig()
    const parsed = parsePlace(text, config?.names)
    if (parsed.kind === "url") return await this.#ofUrl(parsed.url, wanted)
    if (parsed.kind === "storage") {
      if (config === undefined) throw noConfig(this.folder)
      return named(this.#use(config.storage(parsed.storage)), parsed.name, text)
    }
    if (parsed.kind === "local") return this.#local(parsed.path, wanted)
    const owner = this.options.storage ?? (plain === "storage" ? this.#only(config, parsed.name) : undefined)
    if (owner === undefined) return this.#local(parsed.name, wanted)
    return named(await this.storage(owner), parsed.name, parsed.name)
  }

  /**
   * Asks before something that can't be undone. `--yes` answers.
   * @throws CommandError where the answer is no, or nobody can be asked
   */
  async confirm(question: string): Promise<void> {
    if (this.options.yes === true) return
    if (!process.stdin.isTTY || !this.output.interactive || this.output.json) {
      throw new CommandError("declined", `${question} Nobody can be asked here: give --yes.`, EXIT.declined)
    }
    const { confirm, isCancel } = await import("@clack/prompts")
    const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
    if (isCancel(answer)) this.interrupt()
    if (!answer) throw new CommandError("declined", "Nothing was done.", EXIT.declined)
  }

  /** A prompt was left by Ctrl-C. */
  interrupt(): never {
    this.#interruption.interrupt()
    throw new CommandError("aborted", "Nothing was done.", EXIT.interrupted)
  }

  /** Releases the connections, and removes empty folders for temporary files that were made in plain folders. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#used].map((storage) => storage.close()))
    for (const folder of this.#folders) {
      for (const part of ["tmp", ""]) await rmdir(join(folder, ".node-storages", part)).catch(() => undefined)
    }
  }

  async #ofUrl(url: string, wanted: Wanted): Promise<Place> {
    // A folder that is there is the storage: files of its own, as records of headers, are at its root.
    const whole = wanted === "any" || wanted === "directory" || isFolderUrl(url)
    const { storage, name } = whole ? { storage: url, name: "" } : splitUrl(url)
    return named(await this.storage(storage), name, url.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//"))
  }

  #local(path: string, wanted: Wanted): Place {
    const place = localPlace(path, this.folder, wanted)
    this.#folders.add(place.folder)
    return { ...place, storage: this.#use(place.storage) }
  }

  #use(storage: Storage): Storage {
    this.#used.add(storage)
    return storage
  }

  /** The storage that a name belongs to where only one is configured. */
  #only(config: Config | undefined, name: string): string {
    if (config === undefined) throw noConfig(this.folder)
    if (config.names.length === 1) return config.names[0]!
    const examples = config.names.map((storage) => `${storage}:${name}`).join(", ")
    const question = name === "" ? "Which storage?" : `In which storage is ${JSON.stringify(name)}?`
    throw usageError(`${question} Write ${examples || "media:" + name}, or name it with --storage.`)
  }

  async #load(): Promise<Config | undefined> {
    await this.#prepare()
    const file = findConfig(this.folder, this.options.config)
    if (file === undefined) return undefined
    this.output.detail(`configuration: ${file}`)
    return await loadConfig(file)
  }

  /** Environment files and modules that are wanted before everything else. */
  async #prepare(): Promise<void> {
    this.#prepared ??= this.#doPrepare()
    await this.#prepared
  }

  async #doPrepare(): Promise<void> {
    for (const file of this.options.env ?? []) {
      try {
        process.loadEnvFile(resolve(this.folder, file))
      } catch (error) {
        throw configError(`The environment file ${resolve(this.folder, file)} can't be read.`, error)
      }
    }
    for (const name of this.options.import ?? []) {
      await importFrom(this.folder, name).catch((error: unknown) => {
        if (!(error instanceof NotInstalled)) throw error
        throw usageError(`--import ${name}: there is no such module in ${this.folder}. Install it, or give its path.`)
      })
    }
  }
}

/** A place in a storage. */
function named(storage: Storage, name: string, title: string): Place {
  return { storage, name, title, local: false, base: baseOf(name), directory: name === "" || name.endsWith("/") }
}
