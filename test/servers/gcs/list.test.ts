import { assert, constantFrom, integer, property, record, stringMatching, uniqueArray } from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { listPage, type ListOptions } from "./list.ts"
import { compareNames } from "./object-names.ts"
import { rawClient, reasonOf, type RawClient } from "./raw-client.ts"

const ALL: ListOptions = {
  prefix: "",
  delimiter: "",
  startOffset: "",
  endOffset: undefined,
  includeTrailingDelimiter: false,
  maxResults: 1000,
  pageToken: undefined,
}

/** Every page, one behind the other. */
function pages(
  names: readonly string[],
  options: ListOptions,
): { items: string[]; prefixes: string[]; sizes: number[] } {
  const result = { items: [] as string[], prefixes: [] as string[], sizes: [] as number[] }
  let pageToken: string | undefined
  do {
    const page = listPage(names, { ...options, pageToken })
    result.items.push(...page.items)
    result.prefixes.push(...page.prefixes)
    result.sizes.push(page.items.length + page.prefixes.length)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return result
}

describe("the pages of a list", () => {
  test("are together what a list without pages is: each item and each prefix once", () => {
    const name = stringMatching(/^[ab/]{1,6}$/)
    const options = record({
      prefix: constantFrom("", "a", "a/", "b/a"),
      delimiter: constantFrom("", "/", "a"),
      startOffset: constantFrom("", "a/b", "b"),
      endOffset: constantFrom(undefined, "b", "b/a"),
      includeTrailingDelimiter: constantFrom(false, true),
    })
    assert(
      property(
        uniqueArray(name, { maxLength: 30 }),
        options,
        integer({ min: 1, max: 5 }),
        (names, chosen, maxResults) => {
          const sorted = names.toSorted(compareNames)
          const paged = pages(sorted, { ...ALL, ...chosen, maxResults })
          const expected = naive(sorted, { ...ALL, ...chosen })
          expect({ items: paged.items, prefixes: paged.prefixes }).toEqual(expected)
          // A page is full unless it is the last; an item that is a prefix too may not be torn apart.
          const most = maxResults === 1 && chosen.includeTrailingDelimiter ? 2 : maxResults
          expect(paged.sizes.every((size) => size <= most)).toBe(true)
          if (names.length > 0 && paged.sizes.length > 1) expect(paged.sizes.at(-1)).toBeGreaterThan(0)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test("go on where they were although names came and went", () => {
    const first = listPage(["a", "b", "c", "d"], { ...ALL, maxResults: 2 })
    expect(first.items).toEqual(["a", "b"])
    const second = listPage(["a", "aa", "d", "e"], { ...ALL, maxResults: 2, pageToken: first.nextPageToken })
    expect(second).toEqual({ items: ["d", "e"], prefixes: [] })
  })

  test("are in the order of UTF-8 bytes", () => {
    const names = ["\u{1F600}", "\uFFFD", "z", "a", "ab", "\u00FC"]
    const bytes = names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    expect(names.toSorted(compareNames)).toEqual(bytes)
    expect(names.toSorted()).not.toEqual(bytes)
  })
})

/** A list written down as its documentation describes it. */
function naive(sorted: readonly string[], options: ListOptions): { items: string[]; prefixes: string[] } {
  const { prefix, delimiter, startOffset, endOffset, includeTrailingDelimiter } = options
  const items: string[] = []
  const prefixes = new Set<string>()
  for (const name of sorted) {
    if (!name.startsWith(prefix) || name < startOffset || (endOffset !== undefined && name >= endOffset)) continue
    const rest = name.slice(prefix.length)
    const at = delimiter === "" ? -1 : rest.indexOf(delimiter)
    if (at >= 0) prefixes.add(prefix + rest.slice(0, at + delimiter.length))
    if (at < 0 || (includeTrailingDelimiter && prefixes.has(name))) items.push(name)
  }
  return { items, prefixes: [...prefixes] }
}

describe("objects.list", () => {
  let server: GcsServer
  let client: RawClient

  beforeAll(async () => {
    server = await startGcsServer({ buckets: ["lists"] })
    client = rawClient(server, "lists")
    for (const name of ["a", "b/1", "b/2", "c"]) await client.insertWith({ name, metadata: { k: "v" } }, "x")
  })
  afterAll(() => server.stop())

  const list = (query: string): ReturnType<RawClient["send"]> => client.send("GET", `/storage/v1/b/lists/o?${query}`)

  test("lacks what is empty", async () => {
    expect((await list("prefix=none")).json).toEqual({ kind: "storage#objects" })
    expect(Object.keys((await list("")).json!)).toEqual(["kind", "items"])
    expect(Object.keys((await list("delimiter=/&maxResults=2")).json!)).toEqual([
      "kind",
      "nextPageToken",
      "prefixes",
      "items",
    ])
  })

  test("answers only the fields that were asked for", async () => {
    expect((await list("fields=items(name,size),nextPageToken&maxResults=1")).json).toEqual({
      items: [{ name: "a", size: "1" }],
      nextPageToken: expect.any(String),
    })
    expect((await list("fields=prefixes,items/metadata/k&delimiter=/&prefix=b")).json).toEqual({ prefixes: ["b/"] })
    expect((await list("fields=items/metadata/k&endOffset=b")).json).toEqual({ items: [{ metadata: { k: "v" } }] })
    const object = await client.send("GET", client.object("a", { fields: "name,metadata(k),crc32c" }))
    expect(Object.keys(object.json!)).toEqual(["name", "crc32c", "metadata"])
    expect(reasonOf(await list("fields=items(nmae)"))).toBe("400 invalidParameter")
    expect(reasonOf(await list("fields=items(name"))).toBe("400 invalidParameter")
  })

  test("refuses a page token that it did not give, and a wrong size", async () => {
    expect(reasonOf(await list("pageToken=made-up"))).toBe("400 invalid")
    expect(reasonOf(await list("maxResults=-1"))).toBe("400 invalid")
    expect(reasonOf(await client.send("GET", "/storage/v1/b/no-such-bucket/o"))).toBe("404 notFound")
  })
})
