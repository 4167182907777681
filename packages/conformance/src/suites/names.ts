import assert from "node:assert/strict"
import { alternativeName, utf8Length } from "@node-storages/core"
import { expectContent, expectError, expectOnly, namesIn } from "../helpers/expect.ts"
import { INVALID_NAMES, longestName, longestSegment, ODD_NAMES } from "../helpers/names.ts"
import { SOURCES } from "../helpers/contents.ts"
import { countCalls } from "../helpers/layers.ts"
import { countsCharacters, declares } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const names: Suite = suite("names", (test) => {
  for (const name of ODD_NAMES) {
    test(`${JSON.stringify(name)} round-trips through write, stat, open, list, copy and delete`, async ({
      storage,
    }) => {
      const info = await storage.write(name, `in ${name}`)
      assert.equal(info.name, name)
      assert.equal((await storage.stat(name)).name, name)
      await expectContent(storage, name, `in ${name}`)
      await expectOnly(storage, [name])
      const copied = await storage.copy(name, `copies/${name}`)
      assert.equal(copied.name, `copies/${name}`)
      await expectContent(storage, `copies/${name}`, `in ${name}`)
      await storage.delete(name)
      await expectOnly(storage, [`copies/${name}`])
      await storage.deleteMany([`copies/${name}`])
      await expectOnly(storage, [])
    })
  }

  test("names that differ only in how they are escaped or composed are different files", async ({ storage }) => {
    const twins = ["a b", "a+b", "a%20b", "a%2Fb", "a/b", "a%252Fb", "caf\u00e9", "cafe\u0301"]
    for (const name of twins) await storage.write(name, name)
    await expectOnly(storage, twins)
    for (const name of twins) await expectContent(storage, name, name)
  })

  for (const name of INVALID_NAMES) {
    test(`${JSON.stringify(name)} is refused by every method, before any request`, async ({ storage }) => {
      const counted = countCalls()
      const watched = storage.with(counted.layer)
      const refused = (call: () => unknown) => expectError("invalid-name", call, { names: name.slice(0, 100) })
      await refused(() => watched.save(name, "x"))
      await refused(() => watched.write(name, "x"))
      await refused(() => watched.open(name).bytes())
      await refused(() => watched.stat(name))
      await refused(() => watched.exists(name))
      await refused(() => watched.delete(name))
      await refused(() => watched.copy(name, "target.txt"))
      await refused(() => watched.copy("source.txt", name))
      await refused(() => watched.move(name, "target.txt"))
      await refused(() => watched.move("source.txt", name))
      await refused(() => watched.url(name))
      await refused(() => watched.publicUrl(name))
      await refused(() => watched.signedUpload(name))
      assert.deepEqual(counted.calls, [], "a request was made for a name that is not legal")
    })
  }

  for (const { kind, make } of SOURCES) {
    test(`a ${kind} for an invalid name is released, unread`, async ({ storage }) => {
      const source = make((index) => (index < 3 ? new Uint8Array(10) : undefined))
      await expectError("invalid-name", () => storage.save("../x", source.content))
      await new Promise((resolve) => setImmediate(resolve))
      assert.ok(source.released(), "the source was left open")
      await expectOnly(storage, [])
    })
  }

  test("a backslash in a name is read as a slash", async ({ storage }) => {
    assert.equal((await storage.write("folder\\file.txt", "x")).name, "folder/file.txt")
    await expectContent(storage, "folder/file.txt", "x")
    await expectContent(storage, "folder\\file.txt", "x")
    await expectOnly(storage, ["folder/file.txt"])
  })

  test("a file name as long as the backend takes is stored", async ({ storage, driver }) => {
    const name = longestSegment(driver.limits)
    await storage.write(name, "long")
    await expectContent(storage, name, "long")
    await expectOnly(storage, [name])
  })

  test("a key as long as the backend takes is stored, in one-byte and in longer characters", async ({
    storage,
    driver,
  }) => {
    for (const character of ["k", "é", "字"]) {
      const name = longestName(driver.limits, character)
      assert.equal(utf8Length(name), Math.min(driver.limits.keyBytes, driver.limits.keyCharacters ?? Infinity, 1024))
      await storage.write(name, character)
      await expectContent(storage, name, character)
    }
    assert.equal((await namesIn(storage)).length, 3)
  })

  test(
    "a key of as many characters as the backend counts is stored, whatever bytes they have",
    [countsCharacters],
    async ({ storage, driver }) => {
      const { keyCharacters = 0, segmentBytes = 600 } = driver.limits
      const segment = "字".repeat(Math.floor(Math.min(segmentBytes, 600) / 3))
      const name = `${segment}/`.repeat(Math.ceil(keyCharacters / segment.length)).slice(0, keyCharacters - 1) + "字"
      assert.equal(name.length, keyCharacters)
      await storage.write(name, "long")
      await expectContent(storage, name, "long")
      await expectOnly(storage, [name])
      await expectError("invalid-name", () => storage.write(`${name}字`, "x"))
    },
  )

  test("a key one byte over the backend's limit is refused, before any request", async ({ storage, driver }) => {
    const { keyBytes, segmentBytes } = driver.limits
    const counted = countCalls()
    const watched = storage.with(counted.layer)
    const segment = Math.min(segmentBytes ?? 100, 100)
    let tooLong = ("k".repeat(segment - 1) + "/").repeat(Math.ceil(keyBytes / segment) + 1).slice(0, keyBytes + 1)
    if (tooLong.endsWith("/")) tooLong = `${tooLong.slice(0, -1)}k`
    await expectError("invalid-name", () => watched.write(tooLong, "x"))
    await expectError("invalid-name", () => watched.exists(tooLong))
    if (segmentBytes !== undefined) {
      await expectError("invalid-name", () => watched.write("s".repeat(segmentBytes + 1), "x"))
      await expectError("invalid-name", () => watched.write("é".repeat(Math.floor(segmentBytes / 2) + 1), "x"))
    }
    assert.deepEqual(counted.calls, [])
  })

  test(
    "an alternative for the longest name still fits",
    [declares("conditionalCreate")],
    async ({ storage, driver }) => {
      const { keyBytes, segmentBytes = keyBytes } = driver.limits
      for (const name of [longestSegment(driver.limits), longestName(driver.limits)]) {
        assert.equal(await storage.save(name, "first"), name)
        const second = await storage.save(name, "second")
        assert.notEqual(second, name)
        assert.ok(utf8Length(second) <= keyBytes)
        assert.ok(second.split("/").every((segment) => utf8Length(segment) <= segmentBytes))
        await expectContent(storage, name, "first")
        await expectContent(storage, second, "second")
      }
    },
  )

  test("an alternative name made by core is legal here", async ({ storage, driver }) => {
    const name = alternativeName("photo (1).tar.gz", { limits: driver.limits })
    await storage.write(name, "x")
    await expectOnly(storage, [name])
  })
})
