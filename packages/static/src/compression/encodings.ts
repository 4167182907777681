import { promisify } from "node:util"
// The default export: a named import of what Node below 22.15 does not have would fail when the module is loaded.
import zlib from "node:zlib"
import { nearest } from "@node-storages/core"
import type { Encoding } from "../manifest.ts"
import { SIBLING_ENDINGS } from "../publishing/sibling-names.ts"
import { StaticError } from "../static-error.ts"

/** What is asked of `node:zlib`. Its asynchronous functions work in libuv's threads, off the main one. */
export interface Zlib {
  readonly constants: typeof zlib.constants
  readonly brotliCompress: typeof zlib.brotliCompress
  readonly brotliDecompress: typeof zlib.brotliDecompress
  readonly gzip: typeof zlib.gzip
  readonly gunzip: typeof zlib.gunzip
  /** Node 22.15 and later. */
  readonly zstdCompress?: typeof zlib.zstdCompress
  readonly zstdDecompress?: typeof zlib.zstdDecompress
}

/** All that decides on the bytes that an encoder makes of its input. */
export interface EncoderSettings {
  readonly level: number
  /** Brotli's window, as a power of two in bytes. */
  readonly window?: number
  /** Whether brotli is told that its input is text. */
  readonly text?: boolean
}

/** One encoding: its encoder at the settings for a file, and its decoder. */
export interface Codec {
  readonly encoding: Encoding
  /** What the sibling's name ends with; web servers look for it: `".br"`. */
  readonly ending: string
  /** The library and its version: another version may make other bytes, and all are right. */
  readonly library: string
  /** For a file of this size in bytes. */
  settings(size: number, text: boolean): EncoderSettings
  compress(bytes: Uint8Array, settings: EncoderSettings): Promise<Uint8Array>
  decompress(bytes: Uint8Array): Promise<Uint8Array>
}

export type Codecs = Readonly<Partial<Record<Encoding, Codec>>>

/**
 * Files above this many bytes are compressed at lower levels. Brotli's quality 11 makes about 1 MB a second: this much
 * takes half a minute, and 200 MB would take more than three. Quality 9 makes 30 times that, and 15 to 20 % more bytes.
 */
export const LARGE_FILE: number = 32 * 1024 * 1024

const BROTLI_LEVEL = { best: 11, large: 9 }
const GZIP_LEVEL = 9
/**
 * Not 20 to 22: their windows are above the 8 MiB that clients must accept (RFC 9659), so that browsers refuse them.
 * Level 19 keeps to 8 MiB.
 */
const ZSTD_LEVEL = { best: 19, large: 12 }

/** Brotli's default window, 4 MiB: a larger one changes nothing for files that fit into it. */
const BROTLI_WINDOW = 22
/** The largest that every decoder accepts (RFC 7932, 9.1), 16 MiB: what comes later in a long file finds more. */
const BROTLI_LARGE_WINDOW = 24

/** The place of the operating system in gzip's header, and the value for "unknown". RFC 1952, 2.3 */
const GZIP_SYSTEM_BYTE = 9
const GZIP_SYSTEM_UNKNOWN = 255

/** The codecs of a `node:zlib`: without `zstd` where it has none (Node below 22.15). */
export function codecsOf(library: Zlib): Codecs {
  const codecs = { br: brotliCodec(library), gzip: gzipCodec(library) }
  const zstd = zstdCodec(library)
  return zstd ? { ...codecs, zstd } : codecs
}

/** The codecs of this Node. */
export const CODECS: Codecs = codecsOf(zlib)

/**
 * The encodings that are asked for, each once, or all that there are.
 * @throws StaticError `invalid-option` for one that is unknown, or that this Node does not have
 */
export function checkEncodings(encodings: readonly Encoding[] | undefined, codecs: Codecs = CODECS): Encoding[] {
  if (encodings === undefined) return Object.keys(codecs) as Encoding[]
  if (!Array.isArray(encodings)) {
    throw new StaticError("invalid-option", `encodings must be a list, as ["br", "gzip"], not ${typeof encodings}.`)
  }
  for (const encoding of encodings as readonly unknown[]) {
    if (typeof encoding === "string" && Object.hasOwn(codecs, encoding)) continue
    throw new StaticError("invalid-option", encodingProblem(encoding, codecs))
  }
  return [...new Set(encodings)]
}

function encodingProblem(encoding: unknown, codecs: Codecs): string {
  if (encoding === "zstd") {
    return `encodings: this Node (${process.version}) has no zstd. Use Node 22.15 or later, or leave "zstd" out.`
  }
  const known = Object.keys(codecs)
  const suggestion = nearest(String(encoding), known)
  const wayOut = suggestion === undefined ? `Known are: ${known.join(", ")}.` : `Did you mean "${suggestion}"?`
  return `encodings: ${JSON.stringify(encoding)} is no encoding. ${wayOut}`
}

function brotliCodec({ brotliCompress, brotliDecompress, constants }: Zlib): Codec {
  const compress = promisify(brotliCompress)
  return {
    encoding: "br",
    ending: SIBLING_ENDINGS.br,
    library: `brotli ${process.versions["brotli"]}`,
    settings: (size, text) => ({
      level: size > LARGE_FILE ? BROTLI_LEVEL.large : BROTLI_LEVEL.best,
      window: size > 2 ** BROTLI_WINDOW ? BROTLI_LARGE_WINDOW : BROTLI_WINDOW,
      text,
    }),
    compress: (bytes, { level, window = BROTLI_WINDOW, text = false }) =>
      compress(bytes, {
        chunkSize: chunkSize(bytes),
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_LGWIN]: window,
          [constants.BROTLI_PARAM_MODE]: text ? constants.BROTLI_MODE_TEXT : constants.BROTLI_MODE_GENERIC,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
        },
      }),
    decompress: promisify(brotliDecompress) as Codec["decompress"],
  }
}

function gzipCodec({ gzip, gunzip }: Zlib): Codec {
  const compress = promisify(gzip) as (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Uint8Array>
  return {
    encoding: "gzip",
    ending: SIBLING_ENDINGS.gzip,
    library: `zlib ${process.versions["zlib"]}`,
    settings: () => ({ level: GZIP_LEVEL }),
    compress: async (bytes, { level }) => {
      const compressed = await compress(bytes, { level, chunkSize: chunkSize(bytes) })
      // zlib writes no time, but the system that it was built for: the same file would differ between systems.
      compressed[GZIP_SYSTEM_BYTE] = GZIP_SYSTEM_UNKNOWN
      return compressed
    },
    decompress: promisify(gunzip) as Codec["decompress"],
  }
}

function zstdCodec({ zstdCompress, zstdDecompress, constants }: Zlib): Codec | undefined {
  if (!zstdCompress || !zstdDecompress) return undefined
  const compress = promisify(zstdCompress)
  return {
    encoding: "zstd",
    ending: SIBLING_ENDINGS.zstd,
    library: `zstd ${process.versions["zstd"]}`,
    settings: (size) => ({ level: size > LARGE_FILE ? ZSTD_LEVEL.large : ZSTD_LEVEL.best }),
    compress: (bytes, { level }) =>
      compress(bytes, {
        chunkSize: chunkSize(bytes),
        pledgedSrcSize: bytes.byteLength,
        params: { [constants.ZSTD_c_compressionLevel]: level },
      }),
    decompress: promisify(zstdDecompress) as Codec["decompress"],
  }
}

/** Where output is collected, in bytes: a turn of the main thread for each, and 16 KiB by default. */
function chunkSize(bytes: Uint8Array): number {
  return Math.min(Math.max(bytes.byteLength >> 2, 4 * 1024), 1024 * 1024)
}
