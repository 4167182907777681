import assert from "node:assert/strict"
import { ONE_SHOT, utf8 } from "../helpers/contents.ts"
import { expectAbsent, expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { declares, declaresNo } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const CREATES = [declares("conditionalCreate")]

export const save: Suite = suite("save", (test) => {
  test("stores under the name, and answers with it", CREATES, async ({ storage }) => {
    assert.equal(await storage.save("avatars/me.txt", "me"), "avatars/me.txt")
    await expectContent(storage, "avatars/me.txt", "me")
    await expectOnly(storage, ["avatars/me.txt"])
  })

  test("chooses an alternative where the name is taken, and replaces nothing", CREATES, async ({ storage }) => {
    await storage.save("a.txt", "first")
    const second = await storage.save("a.txt", "second")
    assert.match(second, /^a_[A-Za-z0-9]{7}\.txt$/)
    await expectContent(storage, "a.txt", "first")
    await expectContent(storage, second, "second")
    await expectOnly(storage, ["a.txt", second])
  })

  for (const { kind, make } of ONE_SHOT) {
    test(`chooses an alternative for a ${kind} too, which can't be read twice`, CREATES, async ({ storage }) => {
      await storage.write("a.txt", "first")
      const second = await storage.save("a.txt", make(utf8("second")))
      assert.match(second, /^a_[A-Za-z0-9]{7}\.txt$/)
      await expectContent(storage, "a.txt", "first")
      await expectContent(storage, second, "second")
      await expectOnly(storage, ["a.txt", second])
    })
  }

  test("keeps compound extensions in alternatives", CREATES, async ({ storage }) => {
    const expected: [string, RegExp][] = [
      ["x/a.tar.gz", /^x\/a_[A-Za-z0-9]{7}\.tar\.gz$/],
      ["Mr._Smith_3.5.docx", /^Mr\._Smith_3\.5_[A-Za-z0-9]{7}\.docx$/],
      [".env", /^\.env_[A-Za-z0-9]{7}$/],
      ["README", /^README_[A-Za-z0-9]{7}$/],
    ]
    for (const [name, pattern] of expected) {
      await storage.save(name, "first")
      assert.match(await storage.save(name, "second"), pattern)
    }
  })

  test("shortens to maxLength, also for the alternative, and keeps the extension", CREATES, async ({ storage }) => {
    const first = await storage.save("a-rather-long-name.txt", "first", { maxLength: 16 })
    const second = await storage.save("a-rather-long-name.txt", "second", { maxLength: 16 })
    assert.equal(first, "a-rather-lon.txt")
    assert.match(second, /^a-ra_[A-Za-z0-9]{7}\.txt$/)
    await expectOnly(storage, [first, second])
    await expectError("invalid-name", () => storage.save("a.txt", "x", { maxLength: 4 }), { names: "a.txt" })
  })

  test("replaces with overwrite, and answers with the name", async ({ storage }) => {
    assert.equal(await storage.save("a.txt", "the first, longer one", { overwrite: true }), "a.txt")
    assert.equal(await storage.save("a.txt", "second", { overwrite: true }), "a.txt")
    await expectContent(storage, "a.txt", "second")
    await expectOnly(storage, ["a.txt"])
  })

  test("accepts in every method what it answered with", CREATES, async ({ storage }) => {
    await storage.save("odd names/a (1) é+%.txt", "first")
    const name = await storage.save("odd names/a (1) é+%.txt", "second")
    assert.equal((await storage.stat(name)).name, name)
    assert.equal(await storage.exists(name), true)
    assert.equal(await storage.open(name).text(), "second")
    await storage.delete(name)
    await expectAbsent(storage, name)
  })

  test("stores under a directory that is also the name of a file elsewhere", CREATES, async ({ storage }) => {
    await storage.save("b/a.txt", "1")
    await storage.save("a.txt", "2")
    await expectContent(storage, "b/a.txt", "1")
    await expectContent(storage, "a.txt", "2")
  })

  test(
    "without an atomic create it is refused with unsupported, and nothing is read or stored",
    [declaresNo("conditionalCreate")],
    async ({ storage }) => {
      let read = false
      async function* content() {
        read = true
        yield "x"
      }
      await expectError("unsupported", () => storage.save("a.txt", content()))
      assert.equal(read, false, "the content was read")
      await expectError("unsupported", () => storage.write("a.txt", "x", { ifAbsent: true }))
      await expectOnly(storage, [])
    },
  )
})
