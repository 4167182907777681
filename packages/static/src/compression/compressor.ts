import { availableParallelism } from "node:os"
import { checkOptions, type OptionNames, typeOfName } from "@node-storages/core"
import { wholeNumber, WorkLimit } from "@node-storages/core/adapter"
import type { Encoding } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { CompressionCache } from "./cache.ts"
import { defaultCacheFolder } from "./cache-folder.ts"
import type { SweepOptions, SweepReport } from "./cache-sweep.ts"
import { compress, type Compressed, type EncodingEvent, isWorthTrying } from "./compress.ts"
import { checkEncodings, CODECS, type Codecs } from "./encodings.ts"
import { checked } from "../option-checks.ts"

/** Bytes of input that encoders work on at once. They need up to ten times as much: brotli above all. */
const BYTES_AT_ONCE = 64 * 1024 * 1024

/** libuv's own default for its threads. https://docs.libuv.org/en/v1.x/threadpool.html */
const LIBUV_THREADS = 4
const MOST_LIBUV_THREADS = 1024

export interface CompressorOptions {
  /** Default: all that this Node has: `["br", "gzip", "zstd"]`, without `"zstd"` below Node 22.15. */
  readonly encodings?: readonly Encoding[] | undefined
  /**
   * Where compressed bytes are kept from run to run; `false` for nowhere. Default: `node_modules/.cache/node-storages/
   * compression` under the working directory, or the user's folder for caches where there is no `node_modules`.
   */
  readonly cacheFolder?: string | false | undefined
  /**
   * Encoders at work at once. Default: one more than the processor has cores, but one less than libuv has threads
   * (`UV_THREADPOOL_SIZE`, 4 unless set): reading and writing files needs one.
   */
  readonly concurrency?: number | undefined
  /** Told of failures of the cache, which are no reason to fail. Default: nobody is told. */
  readonly onWarning?: ((message: string) => void) | undefined
  /** For tests. Default: the encoders of this Node. */
  readonly codecs?: Codecs | undefined
}

const OPTIONS: OptionNames<CompressorOptions> = {
  encodings: true,
  cacheFolder: true,
  concurrency: true,
  onWarning: true,
  codecs: true,
}

export interface CompressionStats {
  /** Files that were worth an attempt. */
  files: number
  /** Bytes of these files, uncompressed. */
  bytesIn: number
  /** Bytes of the siblings kept, of all encodings. */
  bytesOut: number
  /** Siblings kept. */
  kept: number
  /** Attempts that did not save enough. */
  notWorthwhile: number
  /** Encodings of a file that the cache knew. */
  cacheHits: number
  /** Encodings of a file that were compressed. */
  cacheMisses: number
  /** What encoders worked, summed over the threads: time of the processor, as far as no other program took it. */
  milliseconds: number
}

export interface CompressCallOptions {
  readonly signal?: AbortSignal | undefined
  /** SHA-256 of the bytes in hexadecimal digits, where it is known already. */
  readonly digest?: string | undefined
}

/** Compresses the files of a run: with one cache, and with one limit on threads and memory. */
export class Compressor {
  readonly encodings: readonly Encoding[]
  readonly cache: CompressionCache | undefined
  readonly stats: Readonly<CompressionStats>
  readonly #counts: CompressionStats
  readonly #limit: WorkLimit
  readonly #codecs: Codecs

  /** @throws StaticError `invalid-option` */
  constructor(options: CompressorOptions = {}) {
    const { cacheFolder, concurrency = defaultConcurrency(), onWarning, codecs = CODECS } = options
    checked(() => checkOptions("Compressor", options, OPTIONS))
    this.encodings = checkEncodings(options.encodings, codecs)
    this.#codecs = codecs
    checked(() => wholeNumber("concurrency", concurrency, 1, MOST_LIBUV_THREADS))
    this.#limit = new WorkLimit(concurrency, BYTES_AT_ONCE, "collect")
    checkFolder(cacheFolder)
    if (cacheFolder !== false) this.cache = new CompressionCache(cacheFolder ?? defaultCacheFolder(), { onWarning })
    this.#counts = noStats()
    this.stats = this.#counts
  }

  /**
   * The siblings of a file that are worth keeping. Files above `LARGE_FILE` (32 MiB) are compressed at lower levels.
   * The caller bounds how many files it holds in memory while they wait here.
   * @param contentType default: what the name tells
   * @throws StorageError `aborted`
   */
  async compress(
    name: string,
    bytes: Uint8Array,
    contentType: string | undefined = typeOfName(name),
    { signal, digest }: CompressCallOptions = {},
  ): Promise<Compressed> {
    if (this.encodings.length === 0 || !isWorthTrying(bytes.byteLength, contentType)) return {}
    this.#counts.files++
    this.#counts.bytesIn += bytes.byteLength
    return compress(bytes, this.encodings, {
      contentType,
      digest,
      signal,
      cache: this.cache,
      limit: this.#limit,
      codecs: this.#codecs,
      onEncoding: (event) => this.#count(event),
    })
  }

  /** Removes from the cache what was not used for some time; without a cache, nothing. */
  async sweep(options?: SweepOptions): Promise<SweepReport> {
    return (await this.cache?.sweep(options)) ?? { seen: 0, removed: 0, bytes: 0 }
  }

  #count({ cached, size, milliseconds }: EncodingEvent): void {
    this.#counts[cached ? "cacheHits" : "cacheMisses"]++
    this.#counts[size === undefined ? "notWorthwhile" : "kept"]++
    this.#counts.bytesOut += size ?? 0
    this.#counts.milliseconds += milliseconds
  }
}

/**
 * One more than there are cores, so that none is idle until the main thread has heard that an encoder is done. One thread
 * less than there are: an encoder holds its thread for seconds, and reading files would wait behind it.
 */
export function defaultConcurrency(
  cores: number = availableParallelism(),
  setThreads: string | undefined = process.env["UV_THREADPOOL_SIZE"],
): number {
  const threads = setThreads !== undefined && /^[1-9]\d*$/.test(setThreads) ? Number(setThreads) : LIBUV_THREADS
  return Math.max(1, Math.min(cores + 1, Math.min(threads, MOST_LIBUV_THREADS) - 1))
}

function noStats(): CompressionStats {
  return {
    files: 0,
    bytesIn: 0,
    bytesOut: 0,
    kept: 0,
    notWorthwhile: 0,
    cacheHits: 0,
    cacheMisses: 0,
    milliseconds: 0,
  }
}

function checkFolder(folder: string | false | undefined): void {
  if (folder === undefined || folder === false || (typeof folder === "string" && folder !== "")) return
  const shown = JSON.stringify(folder) ?? typeof folder
  throw new StaticError("invalid-option", `cacheFolder must be a path, or false for no cache, not ${shown}.`)
}
