import { describe, expect, test } from "vitest"
import { DriverStorage } from "../driver-storage.ts"
import { prefix } from "../layers/prefix.ts"
import { readOnly } from "../layers/read-only.ts"
import { failureOf } from "../testing/failure.ts"
import { FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import type { TransferProgress } from "./transfer-options.ts"
import { transfer } from "./transfer.ts"

const OURS = ["a.txt", "b/c.txt", "é.txt"]
/** Before, between and after the source's, in the order of the listing. */
const EXTRANEOUS = ["0.txt", "b/a.txt", "b/d.txt", "z.txt", "日.txt"]

/** A source, and a target that has some of its files and some of its own. */
function prepared(source: MapDriver = new MapDriver(), target: MapDriver = new MapDriver()) {
  for (const name of OURS) source.seed(name, `content of ${name}`)
  for (const name of ["b/c.txt", ...EXTRANEOUS]) target.seed(name, `content of ${name}`)
  return { source, target, from: () => new DriverStorage(source), to: () => new DriverStorage(target) }
}

describe("transfer with delete", () => {
  test.each(["content", "size", false] as const)(
    "deletes at the target what the source does not have, and nothing else, with compare %o",
    async (compare) => {
      const { source, target, from, to } = prepared()
      source.pageSize = target.pageSize = 2
      const report = await transfer(from(), to(), { delete: true, compare })
      expect(report).toMatchObject({ deleted: EXTRANEOUS, failures: [], copied: compare === false ? 3 : 2 })
      expect([...target.files.keys()].toSorted()).toEqual(OURS.toSorted())
      expect([source.files.size, source.count("remove")]).toEqual([3, 0])
      expect(await transfer(from(), to(), { delete: true })).toMatchObject({ copied: 0, skipped: 3, deleted: [] })
    },
  )

  test("deletes nothing before all copies have ended", async () => {
    const { target, from, to } = prepared(new FullMapDriver(), new FullMapDriver())
    await transfer(from(), to(), { delete: true, concurrency: 2 })
    const changes = target.calls.map(({ member }) => member).filter((member) => /^(?:put|copyFrom|remove)/.test(member))
    expect(changes).toEqual(["copyFrom", "copyFrom", "removeMany"])
  })

  test.each([
    ["copied", "put", "a.txt"],
    ["compared", "get", "b/c.txt"],
  ])("deletes nothing where a file could not be %s", async (_, member, name) => {
    const { source, target, from, to } = prepared()
    const fail = (called: string, key: string) =>
      called === member && key === name ? new MapError("unavailable") : undefined
    source.fail = target.fail = fail
    const report = await transfer(from(), to(), { delete: true })
    expect(report.failures.map((failure) => failure.name)).toEqual([name])
    expect(report.deleted).toEqual([])
    expect(EXTRANEOUS.every((each) => target.files.has(each))).toBe(true)
  })

  test("deletes nothing where a listing fails in the middle", async () => {
    for (const end of ["source", "target"] as const) {
      const made = prepared()
      made[end].pageSize = 2
      let pages = 0
      made[end].fail = (member) => (member === "page" && ++pages === 2 ? new MapError("network") : undefined)
      expect((await failureOf(transfer(made.from(), made.to(), { delete: true }))).code).toBe("network")
      expect(made.target.count("remove")).toBe(0)
    }
  })

  test("only below the prefix", async () => {
    const { target, from, to } = prepared()
    expect(await transfer(from(), to(), { delete: true, prefix: "b" })).toMatchObject({
      deleted: ["b/a.txt", "b/d.txt"],
    })
    expect([...target.files.keys()].toSorted()).toEqual(["0.txt", "b/c.txt", "z.txt", "日.txt"])
  })

  test("of a source without files empties the target", async () => {
    const { target, to } = prepared()
    expect(await transfer(new DriverStorage(new MapDriver()), to(), { delete: true })).toMatchObject({ copied: 0 })
    expect(target.files.size).toBe(0)
  })

  test("in a dry run tells what would be deleted, and deletes nothing", async () => {
    const { target, from, to } = prepared()
    const seen: TransferProgress[] = []
    const planned = await transfer(from(), to(), {
      delete: true,
      dryRun: true,
      onProgress: (progress) => seen.push(progress),
    })
    expect(planned).toMatchObject({ copied: 2, skipped: 1, deleted: EXTRANEOUS })
    expect(seen.filter(({ action }) => action === "deleted").map(({ name }) => name)).toEqual(EXTRANEOUS)
    expect([target.files.size, target.count("remove")]).toEqual([6, 0])
    expect(await transfer(from(), to(), { delete: true })).toEqual(planned)
  })

  test("tells each deletion with the counts so far, and each that failed", async () => {
    const { target, from, to } = prepared()
    target.fail = (member, key) => (member === "remove" && key === "b/a.txt" ? new MapError("conflict") : undefined)
    const seen: TransferProgress[] = []
    const { deleted, failures } = await transfer(from(), to(), {
      delete: true,
      concurrency: 1,
      onProgress: (progress) => seen.push(progress),
    })
    expect(seen.slice(3).map(({ name, action, deleted: count, failed }) => [name, action, count, failed])).toEqual([
      ["0.txt", "deleted", 1, 0],
      ["b/a.txt", "failed", 1, 1],
      ["b/d.txt", "deleted", 2, 1],
      ["z.txt", "deleted", 3, 1],
      ["日.txt", "deleted", 4, 1],
    ])
    expect(deleted).toEqual(EXTRANEOUS.filter((name) => name !== "b/a.txt"))
    expect(failures.map(({ name, error }) => [name, error.code])).toEqual([["b/a.txt", "conflict"]])
  })

  test("of a target that can't be changed reports every one as failed", async () => {
    const { target, from, to } = prepared()
    for (const name of OURS) target.seed(name, `content of ${name}`)
    const { deleted, failures } = await transfer(from(), to().with(readOnly()), { delete: true })
    expect([deleted, new Set(failures.map(({ error }) => error.code))]).toEqual([[], new Set(["read-only"])])
    expect(failures.map(({ name }) => name)).toEqual(EXTRANEOUS)
  })

  test("takes thousands in calls of a thousand, and stops between them when it is aborted", async () => {
    const { target, from, to } = prepared(new FullMapDriver(), new FullMapDriver())
    target.pageSize = 10_000
    for (let index = 0; index < 2500; index++) target.seed(`more/${index}`, "x")
    const controller = new AbortController()
    const { signal } = controller
    const onProgress = ({ deleted }: TransferProgress) => deleted === 1000 && controller.abort()
    const failure = await failureOf(transfer(from(), to(), { delete: true, signal, onProgress }))
    expect(failure).toMatchObject({ code: "aborted", operation: "transfer" })
    expect(target.files.size).toBe(OURS.length + 2505 - 1000)
    expect(await transfer(from(), to(), { delete: true })).toMatchObject({ skipped: 3, failures: [] })
    expect(target.files.size).toBe(3)
  })

  test("refuses a source that lies within the target, which it would delete", async () => {
    const driver = new FullMapDriver()
    driver.seed("below/a.txt", "x")
    const [whole, below] = [new DriverStorage(driver), new DriverStorage(driver).with(prefix("below"))]
    const failure = await failureOf(transfer(below, whole, { delete: true }))
    expect([failure.code, failure.message]).toEqual(["invalid-option", expect.stringContaining("would delete it")])
    expect([...driver.files.keys()]).toEqual(["below/a.txt"])
    expect(await transfer(below, whole)).toMatchObject({ copied: 1, deleted: [] })
    expect((await failureOf(transfer(whole, below, { delete: true }))).code).toBe("invalid-option")
    expect(await transfer(below, new DriverStorage(driver).with(prefix("belo")), { delete: true })).toMatchObject({
      copied: 1,
    })
  })

  test.each([
    ["delete", "yes"],
    ["delete", 1],
    ["dryRun", "false"],
  ])("refuses %s: %o", async (option, value) => {
    const { from, to } = prepared()
    const failure = await failureOf(transfer(from(), to(), { [option]: value }))
    expect([failure.code, failure.message]).toEqual(["invalid-option", expect.stringContaining("true or false")])
  })
})
