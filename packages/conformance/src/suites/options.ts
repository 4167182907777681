import assert from "node:assert/strict"
import { expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const options: Suite = suite("options", (test) => {
  test("that do not exist are refused by every method, which names the nearest", async ({ storage }) => {
    await storage.write("a.txt", "x")
    const refused = async (nearest: string, call: () => unknown) => {
      const error = await expectError("invalid-option", call)
      assert.ok(error.message.includes(nearest), error.message)
    }
    await refused("contentType", () => storage.write("b.txt", "x", { contenttype: "text/plain" } as never))
    await refused("overwrite", () => storage.save("b.txt", "x", { overwite: true } as never))
    await refused("ifAbsent", () => storage.copy("a.txt", "b.txt", { ifAbsnt: true } as never))
    await refused("ifAbsent", () => storage.move("a.txt", "b.txt", { ifabsent: true } as never))
    await refused("timeout", () => storage.stat("a.txt", { timeot: 1 } as never))
    await refused("signal", () => storage.exists("a.txt", { sigal: null } as never))
    await refused("signal", () => storage.open("a.txt", { sigal: null } as never).bytes())
    await refused("timeout", () => storage.delete("a.txt", { timeOut: 1 } as never))
    await refused("timeout", () => storage.deleteMany(["a.txt"], { timeOut: 1 } as never))
    await refused("timeout", () => storage.list("", { timeOut: 1 } as never).next())
    await refused("timeout", () => storage.listdir("", { timeOut: 1 } as never))
    await refused("expiresIn", () => storage.url("a.txt", { expireIn: 1 } as never))
    await refused("maxSize", () => storage.signedUpload("a.txt", { maxsize: 1 } as never))
    await expectOnly(storage, ["a.txt"])
  })

  test("that are undefined are as if they were not given", async ({ storage }) => {
    const nothing = {
      signal: undefined,
      timeout: undefined,
      contentType: undefined,
      metadata: undefined,
      cacheControl: undefined,
    }
    await storage.write("a.txt", "x", { ...nothing, ifAbsent: undefined, ifMatch: undefined, checksum: undefined })
    await expectContent(storage, "a.txt", "x")
    assert.equal((await storage.stat("a.txt", { signal: undefined })).contentType, "text/plain")
    await storage.copy("a.txt", "b.txt", { ifAbsent: undefined })
    await storage.delete("b.txt", { timeout: undefined })
    await expectOnly(storage, ["a.txt"])
  })

  test("that are malformed are refused", async ({ storage }) => {
    await expectError("invalid-option", () => storage.write("a.txt", "x", { timeout: "soon" as never }))
    await expectError("invalid-option", () => storage.stat("a.txt", { timeout: -1 }))
    await expectError("invalid-option", () => storage.save("a.txt", "x", { maxLength: 0, overwrite: true }))
    await expectError("invalid-option", () => storage.write("a.txt", "x", { metadata: "text" as never }))
    await expectError("invalid-option", () => storage.write("a.txt", "x", { contentType: "" }))
    await expectOnly(storage, [])
  })

  test(
    "of the constructor that do not exist are refused, and the nearest is named",
    [given("createWith")],
    async ({ anotherWith }) => {
      const error = await expectError("invalid-option", () => anotherWith({ signedUrl: true } as never))
      assert.ok(error.message.includes("signedUrls"), error.message)
      const another = await expectError("invalid-option", () =>
        anotherWith({ baseURL: "https://cdn.example.com" } as never),
      )
      assert.ok(another.message.includes("baseUrl"), another.message)
    },
  )

  test("of the constructor that are malformed are refused", [given("createWith")], async ({ anotherWith }) => {
    await expectError("invalid-option", () => anotherWith({ baseUrl: "cdn.example.com" }))
    await expectError("invalid-option", () => anotherWith({ baseUrl: "ftp://cdn.example.com" }))
    await expectError("invalid-option", () => anotherWith({ signedUrls: { expiresIn: "soon" as never } }))
    await expectError("invalid-option", () => anotherWith({ signedUrls: { roundto: 1 } as never }))
    await expectError("invalid-option", () => anotherWith({ signer: (url) => url }))
  })

  test("a timeout that is long enough changes nothing", async ({ storage }) => {
    await storage.write("a.txt", "x", { timeout: "1m" })
    await expectContent(storage, "a.txt", "x")
    assert.equal((await storage.stat("a.txt", { timeout: 60 })).size, 1)
    await storage.delete("a.txt", { timeout: "30s" })
  })
})
