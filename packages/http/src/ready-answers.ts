import type { AnswerHeaders } from "./answer.ts"
import { fileHeaders, isCompressible } from "./file-headers.ts"
import type { CacheEntry, MemoryCache } from "./memory-cache.ts"
import { negotiateEncoding } from "./negotiate-encoding.ts"
import { isHidden, requestTarget } from "./request-target.ts"
import { isConditional } from "./send-file.ts"
import { type Encoding, type Settings, SUFFIXES } from "./serve-options.ts"

/** A whole file: 200. */
export interface ReadyAnswer {
  /** Names and values in turn, as `writeHead` of Node takes them. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

/** What a path asks for, and its answers by the coding in which they are sent. */
interface Place {
  readonly name: string
  readonly isNegotiated: boolean
  readonly answers: Map<Encoding | undefined, ReadyAnswer & { readonly entry: CacheEntry }>
}

/** Spellings of paths, and values of `Accept-Encoding`, that are remembered: all are forgotten when there are more. */
const MOST_REMEMBERED = 10_000

/**
 * Answers to the requests that are most of them: a whole file that is in memory, for everybody. They are found without
 * waiting, and their headers are made once for each look at the storage.
 */
export class ReadyAnswers {
  readonly #cache: MemoryCache
  readonly #settings: Settings
  readonly #added: AnswerHeaders
  readonly #places = new Map<string, Place>()
  readonly #codings = new Map<string, readonly (Encoding | undefined)[]>()

  /** @param added headers of all answers */
  constructor(cache: MemoryCache, settings: Settings, added: AnswerHeaders) {
    this.#cache = cache
    this.#settings = settings
    this.#added = added
  }

  /** Undefined where anything is to be asked or decided first. */
  find(
    method: string | undefined,
    url: string | undefined,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): ReadyAnswer | undefined {
    if (method !== "GET" || url === undefined || isConditional(headers)) return undefined
    const mark = url.indexOf("?")
    // A signature may allow more, or other headers.
    if (mark !== -1 && url.includes("signed=", mark)) return undefined
    const path = mark === -1 ? url : url.slice(0, mark)
    const place = this.#places.get(path) ?? this.#placeOf(path)
    if (place === undefined) return undefined
    if (!place.isNegotiated) return this.#answerOf(place, undefined, place.name)
    for (const coding of this.#codingsFor(headers["accept-encoding"] as string | undefined)) {
      const storedName = coding === undefined ? place.name : place.name + SUFFIXES[coding]
      if (this.#cache.peek(storedName) !== "missing") return this.#answerOf(place, coding, storedName)
    }
    return undefined
  }

  #answerOf(place: Place, coding: Encoding | undefined, storedName: string): ReadyAnswer | undefined {
    const entry = this.#cache.peek(storedName)
    if (entry === undefined || entry === "missing") return undefined
    const known = place.answers.get(coding)
    if (known?.entry === entry) return known
    let headers
    try {
      headers = fileHeaders({ name: place.name, info: entry.info, coding, isPrivate: false }, this.#settings)
    } catch {
      // The app's own functions: what they throw is reported by who can.
      return undefined
    }
    const all = { ...headers, "content-length": String(entry.bytes.byteLength), ...this.#added }
    const answer = { entry, headers: Object.entries(all).flat(), body: entry.bytes }
    place.answers.set(coding, answer)
    return answer
  }

  /** Only of files that are in memory: others' paths are not worth remembering. */
  #placeOf(path: string): Place | undefined {
    const target = requestTarget(path, this.#settings.prefix)
    if (target.kind !== "file") return undefined
    const { name } = target
    const { encodings, dotfiles } = this.#settings
    const known = this.#cache.peek(name)
    if (known === undefined || known === "missing" || (isHidden(name) && !dotfiles)) return undefined
    const place = { name, isNegotiated: encodings.length > 0 && isCompressible(name), answers: new Map() }
    remember(this.#places, path, place)
    return place
  }

  /** In which they are tried, the file as it is at last. */
  #codingsFor(header: string | undefined): readonly (Encoding | undefined)[] {
    const key = header ?? ""
    const known = this.#codings.get(key)
    if (known) return known
    const codings: (Encoding | undefined)[] = []
    let left = this.#settings.encodings
    for (;;) {
      const coding = negotiateEncoding(header, left) as Encoding | undefined
      codings.push(coding)
      if (coding === undefined) break
      left = left.filter((each) => each !== coding)
    }
    remember(this.#codings, key, codings)
    return codings
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= MOST_REMEMBERED) map.clear()
  map.set(key, value)
}
