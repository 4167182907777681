import { type Answer, type AnswerHeaders, emptyAnswer, type Incoming, plainAnswer } from "./answer.ts"
import { byteranges } from "./byteranges.ts"
import { fileHeaders, notModifiedHeaders, type SentFile, validatorsOf } from "./file-headers.ts"
import { type FileReader, isSameVersion, type OpenedFile, release } from "./file-reader.ts"
import { evaluatePreconditions, matchesIfRange } from "./preconditions.ts"
import { type ByteRange, parseRange, plainRange } from "./range.ts"
import type { Settings } from "./serve-options.ts"

/** How often a file that is replaced while it is sent is looked at anew. */
const MOST_ATTEMPTS = 5

/** What to send: the stored name, which is that of a compressed sibling where there is a coding. */
export interface FileRequest extends Omit<SentFile, "info"> {
  readonly storedName: string
}

/**
 * Answers GET or HEAD with a file: whole, in parts, or with 304, 412 or 416. What is sent is one version: validators,
 * size and bytes belong together, also when the file is replaced meanwhile.
 * @throws StorageError `not-found`, and what reading throws
 */
export async function sendFile(
  request: Incoming<unknown>,
  file: FileRequest,
  reader: FileReader,
  settings: Settings,
): Promise<Answer> {
  const { method, headers } = request
  if (method === "GET" && !isConditional(headers)) return sendWhole(request, file, reader, settings)
  const isPlain = method === "GET" && headers["if-range"] === undefined && !hasConditions(headers)
  const ranged = isPlain ? await sendRange(request, file, reader, settings) : undefined
  if (ranged) return ranged
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const info = await reader.stat(file.storedName, request.signal)
    const answerHeaders = fileHeaders({ ...file, info }, settings)
    const validators = validatorsOf(info)
    const outcome = evaluatePreconditions(method, headers, validators)
    if (outcome === "not-modified") return emptyAnswer(304, notModifiedHeaders(answerHeaders))
    if (outcome === "failed") return plainAnswer(412)
    if (method === "HEAD") return emptyAnswer(200, withLength(answerHeaders, info.decoded ? undefined : info.size))

    // Bytes that are decoded on their way can't be counted before.
    const counts = !info.decoded && headers["range"] !== undefined && matchesIfRange(headers["if-range"], validators)
    const ranges = counts ? parseRange(headers["range"], info.size) : { kind: "all" as const }
    if (ranges.kind === "unsatisfiable") return plainAnswer(416, { "content-range": `bytes */${info.size}` })
    const [first, ...others] = ranges.kind === "parts" ? ranges.ranges : []
    const opened = await reader.read(file.storedName, first, request.signal)
    if (!isSameVersion(info, opened.info)) {
      await release(opened.body)
      continue
    }
    if (first === undefined) {
      return { status: 200, headers: withLength(answerHeaders, opened.length), body: opened.body }
    }
    if (others.length > 0) return inParts(request, file, reader, info.size, [first, ...others], opened, answerHeaders)
    return partOf(first, info.size, answerHeaders, opened.body)
  }
  // It never stands still. What is read whole is one version, and no server must heed a range: RFC 9110, 14.2.
  return sendWhole(request, file, reader, settings)
}

/**
 * One range by one request to the storage, which tells the size with the bytes.
 * @returns undefined where the size has to be known before: then nothing is open
 */
async function sendRange(
  { headers, signal }: Incoming<unknown>,
  file: FileRequest,
  reader: FileReader,
  settings: Settings,
): Promise<Answer | undefined> {
  const asked = plainRange(headers["range"])
  if (asked === undefined) return undefined
  const { info, body } = await reader.read(file.storedName, asked, signal)
  try {
    const outcome = info.decoded ? undefined : parseRange(headers["range"], info.size)
    if (outcome?.kind === "parts") {
      return partOf(outcome.ranges[0]!, info.size, fileHeaders({ ...file, info }, settings), body)
    }
  } catch (error) {
    await release(body)
    throw error
  }
  await release(body)
  return undefined
}

function partOf({ start, end }: ByteRange, size: number, headers: AnswerHeaders, body: OpenedFile["body"]): Answer {
  const contentRange = `bytes ${start}-${end - 1}/${size}`
  return { status: 206, headers: withLength({ ...headers, "content-range": contentRange }, end - start), body }
}

/** By one request to the storage. */
async function sendWhole(
  { method, headers, signal }: Incoming<unknown>,
  file: FileRequest,
  reader: FileReader,
  settings: Settings,
): Promise<Answer> {
  const { info, length, body } = await reader.read(file.storedName, undefined, signal)
  try {
    const answerHeaders = fileHeaders({ ...file, info }, settings)
    const outcome = evaluatePreconditions(method, headers, validatorsOf(info))
    if (outcome === "proceed") return { status: 200, headers: withLength(answerHeaders, length), body }
    await release(body)
    return outcome === "failed" ? plainAnswer(412) : emptyAnswer(304, notModifiedHeaders(answerHeaders))
  } catch (error) {
    await release(body)
    throw error
  }
}

/** Whether more decides about the answer than the file itself. */
export function isConditional(headers: Readonly<Record<string, unknown>>): boolean {
  return headers["range"] !== undefined || hasConditions(headers)
}

/** Whether the version that is there decides what is answered. `If-Range` is apart: it counts beside a range only. */
function hasConditions(headers: Readonly<Record<string, unknown>>): boolean {
  return (
    headers["if-none-match"] !== undefined ||
    headers["if-modified-since"] !== undefined ||
    headers["if-match"] !== undefined ||
    headers["if-unmodified-since"] !== undefined
  )
}

function withLength(headers: Answer["headers"], length: number | undefined): Answer["headers"] {
  return length === undefined ? headers : { ...headers, "content-length": String(length) }
}

/** Several ranges, of which the first is open already; the others are opened when it is their turn. */
function inParts(
  { signal }: Incoming<unknown>,
  { storedName }: FileRequest,
  reader: FileReader,
  size: number,
  ranges: readonly ByteRange[],
  first: OpenedFile,
  headers: Answer["headers"],
): Answer {
  let isBegun = false
  const parts = byteranges(ranges, size, headers["content-type"]!, async function* (range) {
    isBegun = true
    const opened = range === ranges[0] ? first : await reader.read(storedName, range, signal)
    if (!isSameVersion(opened.info, first.info)) {
      await release(opened.body)
      // The status is out: the connection is broken off, and the client asks again.
      throw new Error(`${JSON.stringify(storedName)} was replaced while its ranges were sent.`)
    }
    if (opened.body instanceof Uint8Array) yield opened.body
    else yield* opened.body
  })
  const body = async function* () {
    try {
      yield* parts.chunks
    } finally {
      // Whoever goes away before the first range has left it open.
      if (!isBegun) await release(first.body)
    }
  }
  return {
    status: 206,
    headers: withLength({ ...headers, "content-type": parts.contentType }, parts.length),
    body: body(),
  }
}
