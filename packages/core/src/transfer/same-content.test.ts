import { createHash } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { DriverStorage } from "../driver-storage.ts"
import type { FileInfo } from "../file-info.ts"
import type { Storage } from "../storage.ts"
import { StorageFile } from "../storage-file.ts"
import { failureOf } from "../testing/failure.ts"
import { MapDriver, MapError } from "../testing/map-driver.ts"
import { sameContent } from "./same-content.ts"

const { signal } = new AbortController()
const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex")
const md5 = (text: string) => digest("md5", text)
const tag = (text: string) => `"${md5(text)}"`

interface Told {
  /** What a listing tells beside name, size and time. */
  readonly listed?: Partial<FileInfo>
  /** What `stat` tells; default: the same. */
  readonly found?: Partial<FileInfo>
}

/** A storage with one file, and what it was asked for. */
function side(text: string, { listed = {}, found = listed }: Told = {}) {
  const driver = new MapDriver()
  driver.seed("a", text)
  const own = { name: "a", size: Buffer.byteLength(text), modified: new Date(0) }
  driver.head = async () => {
    driver.calls.push({ member: "head", keys: ["a"], options: {} })
    return driver.files.has("a") ? { ...own, ...found } : undefined
  }
  const storage = new DriverStorage(driver)
  const asked = () => [driver.count("head"), driver.count("get")]
  return { driver, storage, info: { ...own, ...listed }, asked }
}

const NOTHING = [0, 0]

describe("two files are told apart without a request", () => {
  test.each<[string, boolean, [string, Told?], [string, Told?]]>([
    ["by their sizes", false, ["12345"], ["1234"]],
    ["that are empty both", true, [""], [""]],
    [
      "by tags that are equal digests",
      true,
      ["same", { listed: { etag: tag("same") } }],
      ["same", { listed: { etag: tag("same") } }],
    ],
    [
      "by equal tags of uploads in parts",
      true,
      ["same", { listed: { etag: `"${md5("x")}-3"` } }],
      ["same", { listed: { etag: `"${md5("x")}-3"` } }],
    ],
    [
      "by equal digests, in whatever case",
      true,
      ["same", { listed: { checksum: { md5: md5("same").toUpperCase() } } }],
      ["same", { listed: { checksum: { md5: md5("same") } } }],
    ],
    [
      "by digests that differ",
      false,
      ["one", { listed: { checksum: { sha256: digest("sha256", "one") } } }],
      ["two", { listed: { checksum: { sha256: digest("sha256", "two") } } }],
    ],
    [
      "by a tag that is the other's digest",
      true,
      ["same", { listed: { checksum: { md5: md5("same") } } }],
      ["same", { listed: { etag: tag("same") } }],
    ],
    [
      "the other way round",
      true,
      ["same", { listed: { etag: tag("same") } }],
      ["same", { listed: { checksum: { md5: md5("same") } } }],
    ],
  ])("%s", async (_, same, source, target) => {
    const [ours, theirs] = [side(...source), side(...target)]
    expect(await sameContent(ours, theirs, signal)).toBe(same)
    expect([ours.asked(), theirs.asked()]).toEqual([NOTHING, NOTHING])
  })
})

describe("where the listings don't say", () => {
  test.each([
    ["same", "same", true],
    ["one", "two", false],
  ])("stat is asked, which may tell a digest that a listing has not: %o and %o", async (one, other, same) => {
    const ours = side(one, { listed: { etag: `"${md5(one)}-1"` }, found: { checksum: { md5: md5(one) } } })
    const theirs = side(other, { listed: { etag: `"${md5(other)}-2"` }, found: { checksum: { md5: md5(other) } } })
    expect(await sameContent(ours, theirs, signal)).toBe(same)
    expect([ours.asked(), theirs.asked()]).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  test.each([
    ["same", "same", true],
    ["one", "two", false],
  ])("only the file without a digest is read: %o and %o", async (one, other, same) => {
    for (const checksum of [{ md5: md5(one) }, { sha1: digest("sha1", one) }]) {
      const [ours, theirs] = [side(one, { listed: { checksum } }), side(other)]
      expect(await sameContent(ours, theirs, signal)).toBe(same)
      expect([ours.asked(), theirs.asked()]).toEqual([NOTHING, [1, 1]])
      expect(await sameContent(theirs, ours, signal)).toBe(same)
      expect([ours.asked(), theirs.asked()]).toEqual([NOTHING, [2, 2]])
    }
  })

  test.each([
    ["same", "same", true],
    ["one", "two", false],
  ])("and neither has a digest, both are read: %o and %o", async (one, other, same) => {
    const [ours, theirs] = [side(one, { listed: { etag: '"1"' } }), side(other, { listed: { etag: '"1"' } })]
    expect(await sameContent(ours, theirs, signal)).toBe(same)
    expect([ours.asked(), theirs.asked()]).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  test("tags that look like digests and differ prove nothing: with encryption they are none", async () => {
    const ours = side("same", {
      listed: { etag: tag("same") },
      found: { etag: tag("same"), checksum: { md5: md5("same") } },
    })
    const theirs = side("same", { listed: { etag: tag("another") } })
    expect(await sameContent(ours, theirs, signal)).toBe(true)
    expect([ours.asked(), theirs.asked()]).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  const untold: Told = { listed: { etag: '"size-and-time"' } }

  test("a file of which nothing is told is read, and compared with the other's tag: nobody is asked what the tag is", async () => {
    const [plain, tagged] = [side("same", untold), side("same", { listed: { etag: tag("same") } })]
    expect(await sameContent(plain, tagged, signal)).toBe(true)
    expect([plain.asked(), tagged.asked()]).toEqual([[1, 1], NOTHING])
    expect(await sameContent(tagged, plain, signal)).toBe(true)
    expect([plain.asked(), tagged.asked()]).toEqual([[2, 2], NOTHING])
  })

  test("and where the tag is another one, stat tells whether it is an MD5: nothing is read again", async () => {
    const told = { etag: tag("else"), checksum: { md5: md5("else") } }
    const [plain, tagged] = [side("same", untold), side("else", { listed: { etag: tag("else") }, found: told })]
    expect(await sameContent(plain, tagged, signal)).toBe(false)
    expect([plain.asked(), tagged.asked()]).toEqual([
      [1, 1],
      [1, 0],
    ])
  })

  test("and where the tag is no MD5, the other file is read as well", async () => {
    for (const [text, same] of [
      ["same", true],
      ["else", false],
    ] as const) {
      const [plain, tagged] = [side("same", untold), side(text, { listed: { etag: tag("encrypted") } })]
      expect(await sameContent(plain, tagged, signal)).toBe(same)
      expect([plain.asked(), tagged.asked()]).toEqual([
        [1, 1],
        [1, 1],
      ])
    }
  })

  test("a file is not read where stat tells its digest", async () => {
    const plain = side("same", { ...untold, found: { checksum: { md5: md5("same") } } })
    const tagged = side("same", { listed: { etag: tag("same") } })
    expect(await sameContent(plain, tagged, signal)).toBe(true)
    expect([plain.asked(), tagged.asked()]).toEqual([[1, 0], NOTHING])
  })

  test("the tag of stored bytes that reading decodes is not taken for that of the bytes", async () => {
    const stored = "\u001f compressed"
    const listed = { size: stored.length, etag: tag(stored) }
    const found = { ...listed, contentEncoding: "gzip", decoded: true, checksum: { md5: md5(stored) } }
    const [plain, tagged] = [side(stored, untold), side("what reading gives", { listed, found })]
    expect(await sameContent(plain, tagged, signal)).toBe(false)
    expect(await sameContent(tagged, plain, signal)).toBe(false)
  })

  test("a file that one side decodes is compared by what reading gives, not by what is stored", async () => {
    const stored = { size: 3, contentEncoding: "gzip", decoded: true, checksum: { md5: md5("the compressed bytes") } }
    const ours = side("same", { listed: { size: 3 }, found: stored })
    const theirs = side("same", { listed: { size: 3 }, found: { checksum: { md5: md5("same") } } })
    expect(await sameContent(ours, theirs, signal)).toBe(true)
    expect([ours.asked(), theirs.asked()]).toEqual([
      [1, 1],
      [1, 0],
    ])
  })
})

describe("a file that is gone since it was listed", () => {
  test.each([undefined, tag("same")])("is not the same, at the target, with the source's tag %s", async (etag) => {
    for (const member of ["head", "get"]) {
      const [ours, theirs] = [side("same", { listed: { etag } }), side("same")]
      if (member === "head") theirs.driver.files.delete("a")
      else theirs.driver.fail = () => void theirs.driver.files.delete("a")
      expect(await sameContent(ours, theirs, signal)).toBe(false)
    }
  })

  test.each([undefined, tag("same")])("is a failure, at the source, with the target's tag %s", async (etag) => {
    const [ours, theirs] = [side("same"), side("same", { listed: { etag } })]
    ours.driver.files.delete("a")
    expect((await failureOf(sameContent(ours, theirs, signal))).code).toBe("not-found")
  })
})

test("a target that can't be read is a failure, and the other read is over by then", async () => {
  const [ours, theirs] = [side("same"), side("same")]
  theirs.driver.fail = () => new MapError("permission-denied")
  let ended = false
  async function* slowly() {
    await setImmediate()
    yield new TextEncoder().encode("same")
    ended = true
  }
  const reading = new StorageFile("a", {
    stat: async () => ours.info,
    read: async () => ({ info: ours.info, length: undefined, chunks: slowly() }),
  })
  const slow = Object.assign(Object.create(ours.storage) as Storage, {
    open: () => reading,
    stat: async () => ours.info,
  })
  expect((await failureOf(sameContent({ ...ours, storage: slow }, theirs, signal))).code).toBe("permission-denied")
  expect(ended).toBe(true)
})
