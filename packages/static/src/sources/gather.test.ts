import { symlink } from "node:fs/promises"
import { join } from "node:path"
import { compareKeys } from "@node-storages/core"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { StaticSource } from "../source.ts"
import { source } from "./custom.ts"
import { folder } from "./folder.ts"
import { gather } from "./gather.ts"
import { textOf, tree } from "./testing/tree.ts"

const made = (description: string, names: readonly string[]) =>
  source(description, () => names.map((name) => ({ name, content: `${name} of ${description}` })))

describe("gather", () => {
  test("uses the first source's file and names the losers", async () => {
    const sources = [made("one", ["b.css", "a.css"]), made("two", ["a.css", "c.css"]), made("three", ["a.css"])]
    const { files, duplicates, ignored } = await gather(sources)
    expect(files.map(({ name }) => name)).toEqual(["a.css", "b.css", "c.css"])
    expect(await textOf(files[0])).toBe("a.css of one")
    expect(duplicates).toEqual([{ name: "a.css", kept: "a.css of one", dropped: ["a.css of two", "a.css of three"] }])
    expect(ignored).toEqual([])
  })

  test("gives each name once, sorted by bytes, from the first source that has it, whatever the sources", async () => {
    const name = fc.stringMatching(/^[a-d\u00e4\uffee😀]{1,2}\.x$/u)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(name), { maxLength: 4 }), async (lists) => {
        const { files, duplicates } = await gather(lists.map((names, index) => made(`s${index}`, names)))
        const all = lists.flatMap((names, index) => names.map((one) => ({ name: one, origin: `${one} of s${index}` })))
        const expected = [...new Set(lists.flat())].toSorted(compareKeys)
        expect(files.map((file) => file.name)).toEqual(expected)
        for (const file of files) expect(file.origin).toBe(all.find((one) => one.name === file.name)!.origin)
        const losers = Map.groupBy(all, (one) => one.name)
        const told = expected.filter((one) => losers.get(one)!.length > 1)
        expect(duplicates).toEqual(
          told.map((one) => {
            const [kept, ...dropped] = losers.get(one)!.map(({ origin }) => origin)
            return { name: one, kept, dropped }
          }),
        )
      }),
      { numRuns: 200 },
    )
  })

  test("tells what was ignored and why, and does not look into an ignored directory", async () => {
    const root = await tree(["a.css", "a.css~", ".git/config", ".well-known/x"])
    await symlink("loop", join(root, ".git/loop"))
    await symlink("nobody@host.1:2", join(root, ".#a.css"))
    const { files, ignored } = await gather([folder(root, { prefix: "p" }), made("made", ["x/.DS_Store"])])
    expect(files.map(({ name }) => name)).toEqual(["p/.well-known/x", "p/a.css"])
    expect(ignored).toEqual([
      { name: "p/.#a.css", origin: join(root, ".#a.css"), pattern: ".#*" },
      { name: "p/.git/", origin: join(root, ".git"), pattern: ".git" },
      { name: "p/a.css~", origin: join(root, "a.css~"), pattern: "*~" },
      { name: "x/.DS_Store", origin: "x/.DS_Store of made", pattern: ".DS_Store" },
    ])
  })

  test("takes given patterns in place of the default ones, on names with their prefix", async () => {
    const root = await tree(["src/a.ts", ".DS_Store"])
    const { files } = await gather([folder(root, { prefix: "p" })], { ignore: ["p/src/**", "src/**/x"] })
    expect(files.map(({ name }) => name)).toEqual(["p/.DS_Store"])
  })

  test("tells what a folder's own patterns ignore", async () => {
    const root = await tree(["a.map", "a.js"])
    const { ignored } = await gather([folder(root, { ignore: ["*.map"] })])
    expect(ignored).toEqual([{ name: "a.map", origin: join(root, "a.map"), pattern: "*.map" }])
  })

  test("ignores a directory behind a symbolic link by a pattern for directories", async () => {
    const root = await tree(["a.js"])
    await symlink(await tree(["x.js"]), join(root, "drafts"))
    const { files, ignored } = await gather([folder(root)], { ignore: ["drafts/"] })
    expect(files.map(({ name }) => name)).toEqual(["a.js"])
    expect(ignored).toMatchObject([{ name: "drafts/", pattern: "drafts/" }])
  })

  test("reads no file", async () => {
    const read = () => Promise.reject(new Error("read"))
    const { files } = await gather([source("made", () => [{ name: "a", content: read }])])
    expect(files).toHaveLength(1)
  })

  test("stops when it is aborted", async () => {
    const controller = new AbortController()
    let given = 0
    const endless = source("endless", function* () {
      while (true) {
        if (++given === 10) controller.abort()
        yield { name: `${given}`, content: "" }
      }
    })
    await expect(gather([endless], { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" })
    expect(given).toBe(10)
  })

  test.each(["../x", "/x", "a\\b", ""])("refuses %j from a source that does not check its names", async (name) => {
    const careless: StaticSource = {
      description: "careless",
      async *files() {
        yield { name, origin: "o", read: async () => new Uint8Array() }
      },
      find: async () => undefined,
    }
    const message = expect.stringContaining("careless")
    await expect(gather([careless])).rejects.toMatchObject({ code: "invalid-name", message })
  })

  test("takes 100,000 files in a few seconds", async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `d${index % 100}/e${index % 7}/${index}.css`)
    const before = process.cpuUsage()
    const { files } = await gather([made("many", names)])
    expect(files).toHaveLength(100_000)
    // In microseconds of work, which do not grow with the work of others.
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000)
  })
})

describe("names that can't stand beside each other are an error with their origins", () => {
  const clash = async (...lists: string[][]) => {
    const sources = lists.map((names, index) => made(`s${index}`, names))
    const error: unknown = await gather(sources).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "name-clash" })
    return (error as Error).message
  }

  test("where they differ only by case", async () => {
    expect(await clash(["css/App.css"], ["css/app.css"])).toContain(
      `"css/App.css" (css/App.css of s0) and "css/app.css" (css/app.css of s1) differ only by case`,
    )
  })

  test("where a directory differs only by case", async () => {
    expect(await clash(["CSS/app.css", "css/app.css"])).toContain("differ only by case")
  })

  test("where they differ only by Unicode normalisation", async () => {
    const message = await clash(["\u00e4.css"], ["a\u0308.css"])
    expect(message).toContain("differ only by Unicode normalisation")
  })

  test("where one is a file and a directory", async () => {
    expect(await clash(["a/b/c"], ["a", "a.x"])).toContain(
      `"a" (a of s1) is a file, and "a/b/c" (a/b/c of s0) needs a directory of that name`,
    )
  })

  test("where one is a file and a directory of another case", async () => {
    expect(await clash(["Ab/c"], ["aB"])).toContain("needs a directory")
  })

  test("all together", async () => {
    const message = await clash(["x.css", "X.css", "y", "y/z", "q.css", "Q.css"])
    expect(message).toContain("in 3 cases")
    for (const name of ["x.css", "X.css", "y", "y/z", "q.css", "Q.css"]) expect(message).toContain(`"${name}" (`)
  })

  test("but not where the loser has the same name, or is ignored", async () => {
    await expect(gather([made("s0", ["a"]), made("s1", ["a"])])).resolves.toBeDefined()
    await expect(gather([made("s0", ["a", "A"])], { ignore: ["A"] })).resolves.toBeDefined()
    await expect(gather([made("s0", ["a-b", "a.b", "ab/c", "a/b"])])).resolves.toBeDefined()
  })

  test("where an alias is the name, or an alias, of another file", async () => {
    const aliased = (name: string, alias: string) => source(name, () => [{ name, content: "", aliases: [alias] }])
    await expect(gather([aliased("x.js", "y.js"), made("s", ["y.js"])])).rejects.toThrow(
      /"y\.js" is a name or an alias/,
    )
    await expect(gather([aliased("x.js", "m.ts"), aliased("y.js", "m.ts")])).rejects.toMatchObject({
      code: "name-clash",
    })
    await expect(gather([aliased("x.js", "x.js"), aliased("x.js", "m.ts")])).resolves.toBeDefined()
  })
})
