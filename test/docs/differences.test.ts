import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { compareKeys, type DriverStorage, type MultipartUpload, type Storage, StorageError } from "@node-storages/core"
import { S3Storage } from "@node-storages/s3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { namesOf } from "../names-of.ts"
import { ENDS, type OpenEnd } from "../transfer/ends.ts"
import { ROOT } from "./markdown.ts"

/** What a cell of the table must say of a storage, found out on the storage itself. */
type Finding = (storage: Storage) => Promise<string>

const SHARED = "same bytes"

async function codeOf(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}

/** "yes", or the code of the refusal. */
async function allowed(call: () => Promise<unknown>): Promise<string> {
  const code = await codeOf(call)
  return code === undefined ? "yes" : `\`${code}\``
}

function driverOf(storage: Storage): DriverStorage["driver"] {
  return (storage as DriverStorage).driver
}

function shapeOf(etag: string | undefined): string {
  const shapes: readonly [RegExp, string][] = [
    [/^"[0-9a-f]{32}"$/, "MD5"],
    [/^"0x[0-9A-F]+"$/, "version"],
    [/^"\d{13,}"$/, "generation"],
    [/^"[\da-f]+(-[\da-f]+)+"$/, "size and time"],
  ]
  return shapes.find(([shape]) => shape.test(etag ?? ""))?.[1] ?? `unknown: ${etag}`
}

const FINDINGS: Readonly<Record<string, Finding>> = {
  "A write is seen by the next read and listing": async (storage) => {
    for (let index = 0; index < 20; index++) {
      await storage.write("seen.txt", String(index))
      if ((await storage.open("seen.txt").text()) !== String(index)) return "no"
      if (!(await Array.fromAsync(namesOf(storage))).includes("seen.txt")) return "no"
      await storage.delete("seen.txt")
      if (await storage.exists("seen.txt")) return "no"
      if ((await Array.fromAsync(namesOf(storage))).includes("seen.txt")) return "no"
    }
    return "yes"
  },
  "`list` is in order of the names' bytes": async (storage) => {
    const names = ["a", "B", "a/b", "a-b", "é", "日本", "zz/1", "zz/10", "zz/2", "Z"].map((name) => `order/${name}.txt`)
    for (const name of names) await storage.write(name, "x")
    const listed = (await Array.fromAsync(storage.list("order"))).map(({ name }) => name)
    return JSON.stringify(listed) === JSON.stringify(names.toSorted(compareKeys)) ? "yes" : "no"
  },
  "Entity tag": async (storage) => shapeOf((await storage.write("a.txt", SHARED)).etag),
  "Two files of the same bytes have the same entity tag": async (storage) => {
    const [one, other] = [await storage.write("a.txt", SHARED), await storage.write("b.txt", SHARED)]
    return one.etag === other.etag ? "yes" : "no"
  },
  "`checksum.md5` is told by": async (storage) => {
    const written = await storage.write("md5.txt", SHARED)
    const stat = await storage.stat("md5.txt")
    const [listed] = (await Array.fromAsync(storage.list())).filter(({ name }) => name === "md5.txt")
    const telling = Object.entries({ write: written, stat, list: listed! }).filter(([, info]) => info.checksum?.md5)
    return telling.map(([method]) => `\`${method}\``).join(", ") || "nothing"
  },
  "`list` tells the content type": async (storage) => {
    await storage.write("type.png", "x", { contentType: "image/x-mine" })
    const [listed] = (await Array.fromAsync(storage.list())).filter(({ name }) => name === "type.png")
    return listed!.contentType === "image/x-mine" ? "yes" : "no"
  },
  "Metadata keeps text of any script": async (storage) => {
    const metadata = { "owner-id": "Zoë 日本語 🎉", encoded: "=?UTF-8?B?eA==?=" }
    await storage.write("meta.txt", "x", { metadata })
    return isDeepStrictEqual({ ...(await storage.stat("meta.txt")).metadata }, metadata) ? "yes" : "no"
  },
  "`write(…, { ifMatch })`": async (storage) => {
    const { etag } = await storage.write("match.txt", "x")
    return allowed(() => storage.write("match.txt", "y", { ifMatch: etag }))
  },
  "`copy(…, { ifAbsent })` is atomic": async (storage) => {
    await storage.write("from.txt", "x")
    await storage.delete("to.txt")
    await storage.copy("from.txt", "to.txt", { ifAbsent: true })
    expect(await codeOf(() => storage.copy("from.txt", "to.txt", { ifAbsent: true }))).toBe("already-exists")
    return driverOf(storage).features.conditionalCopy ? "yes" : "by streaming"
  },
  "`move` is": async (storage) => {
    await storage.write("old.txt", "x")
    await storage.move("old.txt", "new.txt")
    expect([await storage.exists("old.txt"), await storage.open("new.txt").text()]).toEqual([false, "x"])
    return driverOf(storage).move ? "one atomic step" : "a copy, then a delete"
  },
  "A file `a` beside files `a/…`": async (storage) => {
    await storage.write("both", "x")
    return allowed(() => storage.write("both/b.txt", "x"))
  },
  "A name whose segment ends with a dot": (storage) => allowed(() => storage.write("folder./dots.", "x")),
  "A segment of 256 bytes": (storage) => allowed(() => storage.write("x".repeat(256), "x")),
  "A name of 485 characters in 1,445 bytes": (storage) =>
    allowed(() => storage.write(`${"字".repeat(80)}/`.repeat(5) + "字".repeat(80), "x")),
  "A name of 1,025 bytes": (storage) =>
    allowed(() => storage.write(`${"d".repeat(40)}/`.repeat(24) + "d".repeat(41), "x")),
  "`publicUrl` without `baseUrl`": async (storage) =>
    allowed(async () => driverOf(storage).publicUrl?.("a") ?? refused()),
  "Signed URLs": (storage) => allowed(() => storage.url("a.txt", { expiresIn: "1h" })),
  "Signed for 8 days": (storage) => allowed(() => storage.url("a.txt", { expiresIn: "8d" })),
  "`signedUpload`": (storage) => uploadMethod(storage, {}),
  "`signedUpload` with the exact `size`": (storage) => uploadMethod(storage, { size: 10 }),
  "`signedUpload` with `maxSize`": (storage) => uploadMethod(storage, { maxSize: 10 }),
  "The smallest part of `startMultipart`": (storage) =>
    withUpload(storage, async ({ limits }) => {
      const { smallest } = limits
      return smallest === 1 ? "1 byte" : `${smallest / 1024 ** 2} MiB`
    }),
  "A part is held to its size": (storage) =>
    withUpload(storage, async (upload) => {
      const { method, url, headers } = await upload.signPart(1, { size: 10 })
      const { ok } = await fetch(url, { method, headers, body: "eleven bytes".slice(1) })
      return ok ? "no" : "yes"
    }),
  "Files that one request of `deleteMany` deletes": async (storage) => {
    await storage.deleteMany(["a.txt", "b.txt", "missing.txt"])
    return String(driverOf(storage).features.removeManyLimit ?? 1).replace(/(\d)(\d{3})$/, "$1,$2")
  },
}

function refused(): never {
  throw new StorageError("unsupported", "There is none.")
}

/** What is found out on an upload in parts, which is aborted then; or the code of its refusal. */
async function withUpload(storage: Storage, find: (upload: MultipartUpload) => Promise<string>): Promise<string> {
  let found = ""
  const code = await codeOf(async () => {
    const upload = await storage.startMultipart("parts.bin")
    try {
      found = await find(upload)
    } finally {
      await upload.abort()
    }
  })
  return code === undefined ? found : `\`${code}\``
}

async function uploadMethod(storage: Storage, options: { size?: number; maxSize?: number }): Promise<string> {
  let method = ""
  const code = await codeOf(async () => ({ method } = await storage.signedUpload("up.bin", options)))
  if (code !== undefined) return `\`${code}\``
  return method === "PUT" ? "`PUT`" : "form"
}

interface Table {
  readonly columns: readonly string[]
  readonly rows: ReadonlyMap<string, readonly string[]>
}

function readTable(): Table {
  const lines = readFileSync(join(ROOT, "docs/adapters/differences.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
  const [head, , ...rows] = lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  )
  return { columns: head!.slice(1), rows: new Map(rows.map(([title, ...cells]) => [title!, cells])) }
}

/** The storages of the table's columns, by the titles that they have as ends of transfers. */
const COLUMNS: Readonly<Record<string, string>> = {
  Local: "local disk",
  Memory: "memory",
  S3: "S3",
  GCS: "GCS",
  Azure: "Azure",
}

const table = readTable()

describe("the table of differences", () => {
  it("has the rows that are found out here, and the adapters", () => {
    expect([...table.rows.keys()]).toEqual(Object.keys(FINDINGS))
    expect(table.columns).toEqual(Object.keys(COLUMNS))
  })

  it("says of ifMatch on S3 what holds on AWS: the server of these tests is an older one", () => {
    const { features } = driverOf(new S3Storage("bucket", { region: "eu-west-1" }))
    expect(features.conditionalMatch).toBe(true)
  })

  describe.each(table.columns.map((column, index) => [column, index] as const))("%s", (column, index) => {
    const end = ENDS.find(({ title }) => title === COLUMNS[column])!
    const test = it.skipIf(end.reason !== undefined)
    let opened: OpenEnd | undefined
    beforeAll(async () => {
      if (end.reason === undefined) opened = await end.open()
    })
    afterAll(async () => opened?.remove())

    test.each(Object.entries(FINDINGS))("%s", async (title, find) => {
      const cell = table.rows.get(title)?.[index]
      // "yes, on AWS" says of AWS what the older server here has not.
      const expected = cell === "on AWS and R2" ? "`unsupported`" : cell
      expect(await find(opened!.storage)).toBe(expected)
    })
  })
})
