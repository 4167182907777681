/** The header `Content-Range` of a resumable upload's requests. */
import { invalid } from "./errors.ts"

/** A resumable upload stores this many bytes at a time; only its last chunk may have another length. */
export const CHUNK_UNIT = 256 * 1024

export interface UploadRange {
  /** Undefined: nothing is sent, the request asks how far the upload is. */
  first: number | undefined
  /** Undefined: as far as the body goes. */
  last: number | undefined
  /** Undefined: not known yet, more may come; or, without `last`, the body's end is the upload's. */
  total: number | undefined
}

export function parseContentRange(header: string | undefined, contentLength: number | undefined): UploadRange {
  if (header === undefined) return { first: 0, last: undefined, total: contentLength }
  const [, query, first, last, total] = /^bytes (?:(\*)|(\d+)-(\d+|-1|\*))\/(\d+|\*)$/.exec(header) ?? []
  if (total === undefined) throw invalid(`Failed to parse Content-Range header: ${header}`)
  const range = { first: first === undefined ? undefined : Number(first), last: number(last), total: number(total) }
  if (query === undefined) check(range, header, contentLength)
  else if (contentLength) throw invalid(`Content-Range ${header} comes with ${contentLength} bytes.`)
  return range
}

function check({ first = 0, last, total }: UploadRange, header: string, contentLength: number | undefined): void {
  // An empty upload's only chunk is "bytes 0--1/0" for the official client.
  const isEmpty = first === 0 && last === -1 && total === 0
  if (last === undefined) {
    if (total !== undefined && first > total) throw invalid(`Invalid Content-Range: ${header}`)
    return
  }
  if (!isEmpty && (last < first || last >= (total ?? Infinity))) throw invalid(`Invalid Content-Range: ${header}`)
  const length = last - first + 1
  if (contentLength !== undefined && contentLength !== length) {
    throw invalid(`Content-Range ${header} does not match Content-Length ${contentLength}.`)
  }
  if (last + 1 !== total && length % CHUNK_UNIT !== 0) {
    const rule = `There should have been a multiple of ${CHUNK_UNIT} byte(s), or the last chunk of the upload.`
    throw invalid(`Invalid request. There were ${length} byte(s) in the request body. ${rule}`)
  }
}

function number(text: string | undefined): number | undefined {
  return text === undefined || text === "*" ? undefined : Number(text)
}
