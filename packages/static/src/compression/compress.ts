import { hash } from "node:crypto"
import { WorkLimit } from "@node-storages/core/adapter"
import type { Encoding } from "../manifest.ts"
import type { CompressionCache } from "./cache.ts"
import type { Outcome } from "./cache-entry.ts"
import { allOf } from "../all-of.ts"
import { isCompressible, isText } from "./compressible.ts"
import { checkEncodings, type Codec, CODECS, type Codecs, type EncoderSettings } from "./encodings.ts"

/**
 * Files of fewer bytes are not compressed: with the headers they fit into one packet (about 1,460 bytes) as they are,
 * and nothing arrives sooner.
 */
export const MINIMUM_SIZE: number = 1024

/** A sibling is kept at this share of the original's size or less: it costs an upload, storage, and decoding. */
const KEPT_RATIO: number = 0.95

/** Changes when the same input and settings come to another outcome. */
const FORMAT_VERSION = 1

const NO_LIMIT = new WorkLimit(Infinity, Infinity, "collect")

/** The siblings that were kept. */
export type Compressed = Partial<Record<Encoding, Uint8Array>>

/** What became of one encoding of a file. */
export interface EncodingEvent {
  readonly encoding: Encoding
  /** The cache had it: nothing was compressed. */
  readonly cached: boolean
  /** Bytes of the sibling, or undefined where it was not worth it. */
  readonly size: number | undefined
  /** How long the encoder worked. */
  readonly milliseconds: number
}

export interface CompressOptions {
  /** Of the uncompressed bytes: it decides whether they are worth it. */
  readonly contentType: string | undefined
  /** SHA-256 of the bytes in hexadecimal digits, where it is known already. Default: it is computed if needed. */
  readonly digest?: string | undefined
  /** Default: none */
  readonly cache?: CompressionCache | undefined
  /** What all files share of threads and memory. Default: no limit */
  readonly limit?: WorkLimit | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEncoding?: ((event: EncodingEvent) => void) | undefined
  /** Default: those of this Node. */
  readonly codecs?: Codecs | undefined
}

/** Whether a file of this size in bytes and of this type is tried at all. */
export function isWorthTrying(size: number, contentType: string | undefined): boolean {
  return size >= MINIMUM_SIZE && isCompressible(contentType)
}

/**
 * Compresses the bytes with each encoding, all at once, in libuv's threads. Given back are those that save something:
 * nothing for types that are compressed already, for files below `MINIMUM_SIZE`, and above `KEPT_RATIO`. The same bytes
 * come out at each run with the same Node.
 * @throws StaticError `invalid-option` for an encoding that is not known, or that this Node does not have
 * @throws StorageError `aborted`; encoders that work already go on to their end
 */
export async function compress(
  bytes: Uint8Array,
  encodings: readonly Encoding[],
  options: CompressOptions,
): Promise<Compressed> {
  const { contentType, cache, codecs = CODECS, digest } = options
  // In an order of its own: neither the cache nor the result depends on that of the caller.
  const checked = checkEncodings(encodings, codecs).toSorted()
  if (checked.length === 0 || !isWorthTrying(bytes.byteLength, contentType)) return {}
  const text = isText(contentType!)
  const tasks = checked.map((encoding) => taskOf(codecs[encoding]!, bytes, text))
  const key = cache && keyOf(digest ?? sha256(bytes), tasks)
  const known = key && (await cache.get(key))
  if (known) return compressedOf(tasks, known, options.onEncoding)
  const outcomes = await allOf(tasks.map((task) => encode(bytes, task, options)))
  if (key) await cache.put(key, outcomes)
  return compressedOf(tasks, outcomes)
}

interface Task {
  readonly codec: Codec
  readonly settings: EncoderSettings
}

function taskOf(codec: Codec, bytes: Uint8Array, text: boolean): Task {
  return { codec, settings: codec.settings(bytes.byteLength, text) }
}

async function encode(bytes: Uint8Array, { codec, settings }: Task, options: CompressOptions): Promise<Outcome> {
  const { limit = NO_LIMIT, signal, onEncoding } = options
  let milliseconds = 0
  const work = async () => {
    const start = performance.now()
    const compressed = await codec.compress(bytes, settings)
    milliseconds = performance.now() - start
    return worthwhile(compressed, bytes.byteLength)
  }
  const outcome = await limit.run(bytes.byteLength, work, signal)
  onEncoding?.({ encoding: codec.encoding, cached: false, size: sizeOf(outcome), milliseconds })
  return outcome
}

/** The outcomes that are bytes; where they come from the cache, each is told. */
function compressedOf(
  tasks: readonly Task[],
  outcomes: readonly Outcome[],
  onCached?: CompressOptions["onEncoding"],
): Compressed {
  const compressed: Compressed = {}
  for (const [index, outcome] of outcomes.entries()) {
    const { encoding } = tasks[index]!.codec
    if (outcome !== "not-worthwhile") compressed[encoding] = outcome
    onCached?.({ encoding, cached: true, size: sizeOf(outcome), milliseconds: 0 })
  }
  return compressed
}

function sizeOf(outcome: Outcome): number | undefined {
  return outcome === "not-worthwhile" ? undefined : outcome.byteLength
}

/** What is kept of an attempt on a file of this size. */
export function worthwhile(compressed: Uint8Array, size: number): Outcome {
  return compressed.byteLength <= size * KEPT_RATIO ? compressed : "not-worthwhile"
}

/** The key of all that decides on the outcomes. zlib takes other ways on other processors, with other bytes. */
function keyOf(digest: string, tasks: readonly Task[]): string {
  const encoders = tasks.map(({ codec, settings }) => [codec.encoding, codec.library, settings])
  return sha256(JSON.stringify([FORMAT_VERSION, digest, process.arch, KEPT_RATIO, encoders]))
}

function sha256(data: Uint8Array | string): string {
  return hash("sha256", data)
}
