import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { FileInfo } from "../file-info.ts"
import { compareKeys } from "../names.ts"
import { failureOf } from "../testing/failure.ts"
import { inOrder, pairFiles } from "./pair-files.ts"

function fileOf(name: string): FileInfo {
  return { name, size: 0, modified: new Date(0) }
}

/** A listing that counts what was taken of it, and notes that it was let go of. */
function listing(names: readonly string[]) {
  const state = { taken: 0, ended: false }
  async function* files() {
    try {
      for (const name of names) {
        state.taken++
        yield fileOf(name)
      }
    } finally {
      state.ended = true
    }
  }
  return { state, files: files() }
}

describe("pairFiles", () => {
  test("gives each file of the source once, with the target's of the same name, for any two listings", async () => {
    const part = fc.constantFrom("a", "b", "/", "é", "\u{1f600}", "\uff5e", "0", "-")
    const names = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")))
    await fc.assert(
      fc.asyncProperty(names, names, async (source, target) => {
        const [sources, targets] = [source.toSorted(compareKeys), target.toSorted(compareKeys)]
        const pairs = await Array.fromAsync(pairFiles(listing(sources).files, listing(targets).files))
        expect(pairs.map((pair) => [pair.source.name, pair.target?.name])).toEqual(
          sources.map((name) => [name, target.includes(name) ? name : undefined]),
        )
        const extraneous: string[] = []
        const told = pairFiles(listing(sources).files, listing(targets).files, ({ name }) => extraneous.push(name))
        expect(await Array.fromAsync(told)).toEqual(pairs)
        expect(extraneous).toEqual(targets.filter((name) => !source.includes(name)))
      }),
    )
  })

  test("holds one file of each listing, and reads the target's no further than it has to", async () => {
    const [sources, targets] = [listing(["b", "c"]), listing(["a", "b", "d", "e", "f"])]
    const pairs = pairFiles(sources.files, targets.files)
    await pairs.next()
    expect([sources.state.taken, targets.state.taken]).toEqual([1, 2])
    await pairs.next()
    expect([sources.state.taken, targets.state.taken]).toEqual([2, 3])
    expect((await pairs.next()).done).toBe(true)
    expect([targets.state.taken, targets.state.ended]).toEqual([3, true])
  })

  test("lets go of both listings when it is left early", async () => {
    const [sources, targets] = [listing(["a", "b"]), listing(["a", "b"])]
    for await (const pair of pairFiles(sources.files, targets.files)) if (pair.source.name === "a") break
    expect([sources.state.ended, targets.state.ended]).toEqual([true, true])
  })
})

describe("inOrder", () => {
  test.each([
    ["b", "a"],
    ["a", "a"],
    ["\u{1f600}", "\uff5e"],
  ])("refuses a listing that gives %o and then %o, and names both and the storage", async (first, second) => {
    const failure = await failureOf(Array.fromAsync(inOrder(listing([first, second]).files, "map:test")))
    expect(failure).toMatchObject({ code: "unsupported", operation: "list", storage: "map:test" })
    for (const part of [first, second, "map:test", "compare: false"]) expect(failure.message).toContain(part)
  })

  test("passes on what is in the order of the bytes in UTF-8", async () => {
    const names = ["a", "a-b/x", "a/b", "\uff5e", "\u{1f600}"]
    const files = await Array.fromAsync(inOrder(listing(names).files, "map:test"))
    expect(files.map(({ name }) => name)).toEqual(names)
  })
})
