import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type DriverObject, type Layer, passThrough, type Storage, StorageError } from "@node-storages/core"
import type { ServeOptions } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"

/** What an app answers with where it has no route. */
export const OWN_404 = "The page that this app has for what is not there."
/** The origin of pages on another site that may upload. */
export const OTHER_ORIGIN = "https://app.example.com"
const SIGNING_KEYS = ["a key that signs, for tests only, of today"]

/** The file whose reading fails before its first byte. */
export const FAILS_AT_ONCE = "accidents/at-once.txt"
/** The file whose reading fails after half of its bytes. */
export const FAILS_MIDWAY = "accidents/midway.bin"
/** The file of which each chunk that is read is noted. */
export const WATCHED = "watched.bin"

/** As every framework takes them: Next.js has no compressed twins. */
type Options<Native> = Omit<ServeOptions<Native>, "precompressed">

/**
 * The storages that an app serves, and what it is to serve them with. It is the same in each framework, also in one
 * whose app runs in a process of its own: what happens is noted in files beside the storage's.
 */
export class Site {
  /** Anybody may read it below `/media/`; uploads need a signed URL. */
  readonly media: Storage
  /** Below `/private/`: each user may read the folder of their name. */
  readonly members: Storage
  /** Where the media lie on the disk. */
  readonly root: string
  readonly #notes: string

  constructor(folder: string, origin: string) {
    this.root = join(folder, "media")
    this.#notes = join(folder, "notes")
    mkdirSync(this.#notes, { recursive: true })
    const options = { baseUrl: `${origin}/media/`, signingKeys: SIGNING_KEYS, signedUrls: false } as const
    this.media = new LocalStorage(this.root, options).with(this.#watch())
    this.members = new LocalStorage(join(folder, "members"))
  }

  /** What `/media/` is served with. */
  get mediaOptions(): Options<unknown> {
    return {
      index: "index.html",
      allowOrigins: [OTHER_ORIGIN],
      onError: (error) => this.#note("errors", StorageError.is(error) ? error.code : String(error)),
    }
  }

  /** @param userOf what the app has found out about who asks, in the framework's own way */
  memberOptions<Native>(userOf: (request: Native) => string | undefined): Options<Native> {
    return {
      authorize: (request, name) => {
        const user = userOf(request)
        if (user === undefined) return { status: 401, headers: { "WWW-Authenticate": "Basic" }, body: "Who are you?" }
        return name.startsWith(`${user}/`)
      },
    }
  }

  /** The errors that the handlers have told, by their codes. */
  get errors(): string[] {
    return this.#notesOf("errors")
  }

  /** How many bytes of the watched file have been read. */
  get watchedBytes(): number {
    return this.#notesOf("reads").reduce((sum, size) => sum + Number(size), 0)
  }

  forget(): void {
    for (const name of ["errors", "reads"]) writeFileSync(join(this.#notes, name), "")
  }

  #watch(): Layer {
    return (next) => ({
      ...passThrough(next),
      get: async (key, options) => {
        if (key === FAILS_AT_ONCE) throw new StorageError("unavailable", "The disk is out for lunch.")
        const object = await next.get(key, options)
        if (object && key === FAILS_MIDWAY) return { ...object, chunks: half(object) }
        return object && key === WATCHED ? { ...object, chunks: this.#noted(object) } : object
      },
    })
  }

  async *#noted({ chunks }: DriverObject): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#note("reads", String(chunk.byteLength))
      yield chunk
    }
  }

  #note(file: string, line: string): void {
    appendFileSync(join(this.#notes, file), `${line}\n`)
  }

  #notesOf(file: string): string[] {
    return readFileSync(join(this.#notes, file), "utf8").split("\n").filter(Boolean)
  }
}

async function* half({ chunks, length = 0 }: DriverObject): AsyncGenerator<Uint8Array> {
  let left = Math.floor(length / 2)
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left)
    left -= chunk.byteLength
    if (left <= 0) throw new StorageError("network", "The disk has gone home.")
  }
}
