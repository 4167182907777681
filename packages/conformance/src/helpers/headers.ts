import assert from "node:assert/strict"
import type { FileHeaders, FileInfo, StorageDriver } from "@node-storages/core"

const HEADERS = {
  cacheControl: "public, max-age=60",
  contentDisposition: 'attachment; filename="a b.txt"',
  contentEncoding: "gzip",
  contentLanguage: "de",
  metadata: { owner: "42", note: "kept" },
} as const

/** A value for each header that the driver declares. */
export function declaredHeaders(driver: StorageDriver): FileHeaders {
  const names = Object.keys(HEADERS) as (keyof typeof HEADERS)[]
  return Object.fromEntries(names.filter((name) => driver.features[name]).map((name) => [name, HEADERS[name]]))
}

/** Holds that a file has these headers and no others. */
export function expectHeaders(info: FileInfo, expected: FileHeaders): void {
  assert.equal(info.contentType, expected.contentType)
  for (const name of Object.keys(HEADERS) as (keyof typeof HEADERS)[]) {
    if (name === "metadata") assert.deepEqual({ ...info.metadata }, { ...expected.metadata })
    else assert.equal(info[name], expected[name], name)
  }
}
