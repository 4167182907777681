import assert from "node:assert/strict"
import { generated, noise } from "../helpers/contents.ts"
import { expectAbsent, expectBytes, expectContent, expectError, expectOnly, namesIn } from "../helpers/expect.ts"
import { declares, declaresNo } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const write: Suite = suite("write", (test) => {
  test("stores under exactly this name, and tells what is stored", async ({ storage }) => {
    const info = await storage.write("a/b.txt", "hello")
    assert.equal(info.name, "a/b.txt")
    assert.equal(info.size, 5)
    assert.ok(info.modified instanceof Date)
    await expectContent(storage, "a/b.txt", "hello")
    await expectOnly(storage, ["a/b.txt"])
  })

  test("replaces what is there; shorter content leaves nothing of the longer", async ({ storage }) => {
    await storage.write("a.bin", noise(100_000))
    await storage.write("a.bin", noise(10, 2))
    await expectContent(storage, "a.bin", noise(10, 2))
    await storage.write("a.bin", generated(noise(5, 3)))
    await expectContent(storage, "a.bin", noise(5, 3))
    await storage.write("a.bin", "")
    await expectContent(storage, "a.bin", "")
    await expectOnly(storage, ["a.bin"])
  })

  test("tells the same as a stat afterwards", async ({ storage }) => {
    const written = await storage.write("a.txt", "hello", { contentType: "text/x-test" })
    const found = await storage.stat("a.txt")
    assert.equal(written.name, found.name)
    assert.equal(written.size, found.size)
    assert.equal(written.etag, found.etag)
    assert.equal(found.contentType, "text/x-test")
  })

  test("a new version has a new entity tag, also with the same size and in the same instant", async ({ storage }) => {
    const tags: (string | undefined)[] = []
    for (let version = 0; version < 5; version++) tags.push((await storage.write("a.txt", `version ${version}`)).etag)
    if (tags.every((tag) => tag === undefined)) return
    assert.equal(new Set(tags).size, tags.length, `entity tags came twice: ${tags.join(" ")}`)
    assert.equal((await storage.stat("a.txt")).etag, tags.at(-1))
  })

  test("with ifAbsent creates a file", [declares("conditionalCreate")], async ({ storage }) => {
    await storage.write("new.txt", "x", { ifAbsent: true })
    await expectContent(storage, "new.txt", "x")
  })

  test(
    "with ifAbsent is refused with already-exists where the name is taken",
    [declares("conditionalCreate")],
    async ({ storage }) => {
      await storage.write("taken.txt", "old")
      const ifAbsent = true
      await expectError("already-exists", () => storage.write("taken.txt", "new", { ifAbsent }), { names: "taken.txt" })
      const stream = generated(noise(200_000))
      await expectError("already-exists", () => storage.write("taken.txt", stream, { ifAbsent }), {
        names: "taken.txt",
      })
      await expectContent(storage, "taken.txt", "old")
      await expectOnly(storage, ["taken.txt"])
    },
  )

  test("with ifAbsent creates again after a delete", [declares("conditionalCreate")], async ({ storage }) => {
    await storage.write("a.txt", "1", { ifAbsent: true })
    await storage.delete("a.txt")
    await storage.write("a.txt", "2", { ifAbsent: true })
    await expectContent(storage, "a.txt", "2")
  })

  test(
    "with ifMatch replaces the version that has this entity tag",
    [declares("conditionalMatch")],
    async ({ storage }) => {
      const first = await storage.write("a.txt", "1")
      assert.ok(first.etag, "a driver that declares conditionalMatch gives entity tags")
      const second = await storage.write("a.txt", "2", { ifMatch: first.etag })
      assert.notEqual(second.etag, first.etag)
      await storage.write("a.txt", generated(noise(200_000)), { ifMatch: second.etag })
      await expectContent(storage, "a.txt", noise(200_000))
    },
  )

  test(
    "with ifMatch is refused with precondition-failed for another version",
    [declares("conditionalMatch")],
    async ({ storage }) => {
      const { etag } = await storage.write("a.txt", "1")
      await storage.write("a.txt", "2")
      const ifMatch = etag
      await expectError("precondition-failed", () => storage.write("a.txt", "3", { ifMatch }), { names: "a.txt" })
      await expectError("precondition-failed", () => storage.write("a.txt", generated(noise(200_000)), { ifMatch }))
      await expectContent(storage, "a.txt", "2")
    },
  )

  test(
    "with ifMatch is refused with precondition-failed where there is no file",
    [declares("conditionalMatch")],
    async ({ storage }) => {
      const { etag } = await storage.write("gone.txt", "1")
      await storage.delete("gone.txt")
      await expectError("precondition-failed", () => storage.write("gone.txt", "2", { ifMatch: etag }), {
        names: "gone.txt",
      })
      await expectAbsent(storage, "gone.txt")
    },
  )

  test(
    "with ifMatch is refused with unsupported where the driver has no such condition",
    [declaresNo("conditionalMatch")],
    async ({ storage }) => {
      await storage.write("a.txt", "old")
      await expectError("unsupported", () => storage.write("a.txt", "new", { ifMatch: '"x"' }))
      await expectContent(storage, "a.txt", "old")
    },
  )

  test("shows nothing under the name, and the old version whole, until the last byte is stored", async ({
    storage,
  }) => {
    await storage.write("old.txt", "old")
    let reached!: () => void
    let proceed!: () => void
    const halfway = new Promise<void>((resolve) => (reached = resolve))
    const resumed = new Promise<void>((resolve) => (proceed = resolve))
    async function* halves() {
      yield noise(70_000)
      reached()
      await resumed
      yield noise(70_000, 2)
    }
    const work = [storage.write("new.txt", halves()), storage.write("old.txt", halves())]
    try {
      await halfway
      assert.equal(await storage.exists("new.txt"), false, "a file exists before its content is whole")
      await expectContent(storage, "old.txt", "old")
      assert.deepEqual(await namesIn(storage), ["old.txt"], "an unfinished file is listed")
    } finally {
      proceed()
      await Promise.all(work)
    }
    expectBytes((await storage.open("new.txt").bytes()).subarray(70_000), noise(70_000, 2))
    assert.equal((await storage.stat("old.txt")).size, 140_000)
    await expectOnly(storage, ["new.txt", "old.txt"])
  })

  test("reports its progress, to the last byte", async ({ storage }) => {
    for (const content of [noise(600_000), generated(noise(600_000))]) {
      const loaded: number[] = []
      await storage.write("a.bin", content, { onProgress: (progress) => loaded.push(progress.loaded) })
      assert.equal(loaded.at(-1), 600_000)
      assert.deepEqual(
        loaded,
        loaded.toSorted((a, b) => a - b),
      )
    }
  })
})
