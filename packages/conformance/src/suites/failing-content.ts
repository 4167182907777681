import assert from "node:assert/strict"
import { noise, SOURCES } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly, expectReleased } from "../helpers/expect.ts"
import { declares, declaresNo } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const CHUNK = noise(70_000)

/** Gives some chunks, then fails. */
function failing(chunks: number, error: unknown) {
  return (index: number) => {
    if (index < chunks) return CHUNK
    throw error
  }
}

const threeChunks = (index: number) => (index < 3 ? CHUNK : undefined)

export const failingContent: Suite = suite("failing content", (test) => {
  for (const { kind, make } of SOURCES) {
    test(`a ${kind} that fails in the middle rejects with its own error as cause, and leaves nothing`, async ({
      storage,
    }) => {
      const error = new Error("the disk of the sender is broken")
      for (const chunks of [0, 1, 3]) {
        const source = make(failing(chunks, error))
        const failure = await expectError("source-failed", () => storage.write("new.bin", source.content))
        assert.equal(failure.cause, error, "the cause is not the source's own error")
        assert.ok(failure.message.includes(error.message), "the message does not tell the source's")
        await expectReleased(source)
      }
      await expectOnly(storage, [])
    })

    test(`a ${kind} that fails in the middle leaves the old version whole`, async ({ storage }) => {
      await storage.write("old.bin", "old", { contentType: "text/x-old" })
      await expectError("source-failed", () => storage.write("old.bin", make(failing(2, new Error("broken"))).content))
      await expectError("source-failed", () =>
        storage.save("old.bin", make(failing(2, new Error("broken"))).content, { overwrite: true }),
      )
      await expectContent(storage, "old.bin", "old")
      assert.equal((await storage.stat("old.bin")).contentType, "text/x-old")
      await expectOnly(storage, ["old.bin"])
    })

    test(
      `a ${kind} that fails in a save leaves nothing under any name`,
      [declares("conditionalCreate")],
      async ({ storage }) => {
        await storage.write("taken.bin", "old")
        for (const name of ["new.bin", "taken.bin"]) {
          await expectError("source-failed", () => storage.save(name, make(failing(2, new Error("broken"))).content))
        }
        await expectContent(storage, "taken.bin", "old")
        await expectOnly(storage, ["taken.bin"])
      },
    )

    test(`a ${kind} that fails after a large body leaves nothing, and the old version whole`, async ({
      storage,
      largeBytes,
    }) => {
      const error = new Error("broken")
      const chunks = Math.ceil(largeBytes / CHUNK.byteLength)
      await storage.write("old.bin", "old")
      for (const name of ["new.bin", "old.bin"]) {
        const failure = await expectError("source-failed", () =>
          storage.write(name, make(failing(chunks, error)).content),
        )
        assert.equal(failure.cause, error)
      }
      await expectContent(storage, "old.bin", "old")
      await expectOnly(storage, ["old.bin"])
    })

    test(`a ${kind} for a name that is taken is released`, [declares("conditionalCreate")], async ({ storage }) => {
      await storage.write("taken.bin", "old")
      const source = make(threeChunks)
      await expectError("already-exists", () => storage.write("taken.bin", source.content, { ifAbsent: true }))
      await expectReleased(source)
      await expectContent(storage, "taken.bin", "old")
    })

    test(
      `a ${kind} for another version than the one there is released`,
      [declares("conditionalMatch")],
      async ({ storage }) => {
        const { etag } = await storage.write("a.bin", "first")
        await storage.write("a.bin", "second")
        const source = make(threeChunks)
        await expectError("precondition-failed", () => storage.write("a.bin", source.content, { ifMatch: etag }))
        await expectReleased(source)
      },
    )

    test(
      `a ${kind} with an option that the driver does not declare is released`,
      [declaresNo("metadata")],
      async ({ storage }) => {
        const source = make(threeChunks)
        await expectError("unsupported", () => storage.write("a.bin", source.content, { metadata: { a: "b" } }))
        await expectReleased(source)
      },
    )

    test(`a ${kind} with a header that is refused is released`, async ({ storage }) => {
      const source = make(threeChunks)
      await expectError("invalid-option", () => storage.write("a.bin", source.content, { contentType: "a\nb" }))
      await expectReleased(source)
    })

    test(`a ${kind} with an option that does not exist is released`, async ({ storage }) => {
      const source = make(threeChunks)
      await expectError("invalid-option", () => storage.write("a.bin", source.content, { contentTyp: "a/b" } as never))
      await expectReleased(source)
    })

    test(`a ${kind} that was stored is released`, async ({ storage }) => {
      const source = make(threeChunks)
      await storage.write("a.bin", source.content)
      await expectReleased(source)
    })

    test(`a ${kind} that gives no bytes in the middle is refused, and released`, async ({ storage }) => {
      if (kind === "Node stream") return
      const source = make((index) => (index < 1 ? CHUNK : index < 3 ? ({ no: "bytes" } as never) : undefined))
      await expectError(["invalid-content", "source-failed"], () => storage.write("a.bin", source.content))
      await expectReleased(source)
      await expectOnly(storage, [])
    })
  }

  test("what a source throws may be anything", async ({ storage }) => {
    for (const thrown of ["a string", 42, null]) {
      const failure = await expectError("source-failed", () =>
        storage.write("a.bin", SOURCES[0]!.make(failing(1, thrown)).content),
      )
      assert.equal(failure.cause, thrown)
    }
    await expectOnly(storage, [])
  })

  test("a file of another storage that is missing is not-found, and leaves nothing", async ({ storage, another }) => {
    const other = await another()
    await storage.write("old.bin", "old")
    await expectError("not-found", () => storage.write("new.bin", other.open("missing.bin")), { names: "missing.bin" })
    await expectError("not-found", () => storage.write("old.bin", other.open("missing.bin").slice(1, 5)))
    await expectContent(storage, "old.bin", "old")
    await expectOnly(storage, ["old.bin"])
  })
})
