import assert from "node:assert/strict"
import { prefix, readOnly, retry } from "@node-storages/core"
import { generated, noise, utf8 } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly, forEach, namesIn } from "../helpers/expect.ts"
import { declares, has, publicUrls, servedUrls } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const layers: Suite = suite("layers", (test) => {
  test("a prefix is a storage of its own: names inside it are without the prefix", async ({ storage }) => {
    const tenant = storage.with(prefix("tenants/1"))
    assert.equal((await tenant.write("a b/é.txt", "x")).name, "a b/é.txt")
    assert.equal((await tenant.stat("a b/é.txt")).name, "a b/é.txt")
    await expectContent(tenant, "a b/é.txt", "x")
    assert.deepEqual((await tenant.listdir()).directories, ["a b"])
    assert.deepEqual(
      (await tenant.listdir("a b")).files.map(({ name }) => name),
      ["a b/é.txt"],
    )
    await expectOnly(tenant, ["a b/é.txt"])
    await expectOnly(storage, ["tenants/1/a b/é.txt"])
  })

  test(
    "a prefix accepts in every method what save answered with",
    [declares("conditionalCreate")],
    async ({ storage }) => {
      const tenant = storage.with(prefix("tenants/1"))
      assert.equal(await tenant.save("a.txt", "first"), "a.txt")
      for (const content of ["second", generated(utf8("second"))]) {
        const name = await tenant.save("a.txt", content)
        assert.match(name, /^a_[A-Za-z0-9]{7}\.txt$/)
        await expectContent(tenant, name, "second")
        assert.equal((await tenant.copy(name, "copied.txt")).name, "copied.txt")
        assert.equal((await tenant.move(name, "moved.txt")).name, "moved.txt")
        await tenant.deleteMany(["copied.txt", "moved.txt"])
      }
      await expectOnly(storage, ["tenants/1/a.txt"])
    },
  )

  test("a prefix hides its siblings from list, and saves them from deleteMany", async ({ storage }) => {
    const siblings = ["tenants/10/a.txt", "tenants/1x.txt", "tenants/2/a.txt", "a.txt"]
    for (const name of siblings) await storage.write(name, name)
    const tenant = storage.with(prefix("tenants/1/"))
    assert.deepEqual(await namesIn(tenant), [])
    await tenant.write("a.txt", "mine")
    assert.deepEqual(await namesIn(tenant), ["a.txt"])
    await tenant.deleteMany(["a.txt", "tenants/2/a.txt", "x.txt", "0/a.txt"])
    await tenant.delete("a.txt")
    await expectOnly(storage, siblings)
  })

  test("a prefix keeps copy and move inside", async ({ storage }) => {
    await storage.write("tenants/2/secret.txt", "secret")
    await storage.write("secret.txt", "secret")
    const tenant = storage.with(prefix("tenants/1"))
    await expectError("not-found", () => tenant.copy("secret.txt", "stolen.txt"), { names: "secret.txt" })
    await expectError("not-found", () => tenant.move("secret.txt", "stolen.txt"), { names: "secret.txt" })
    await expectError("invalid-name", () => tenant.copy("../2/secret.txt", "stolen.txt"))
    await expectError("invalid-name", () => tenant.copy("x", "../2/x"))
    await tenant.write("a.txt", "mine")
    await tenant.copy("a.txt", "secret.txt")
    await tenant.move("secret.txt", "tenants/2/secret.txt")
    await expectContent(storage, "secret.txt", "secret")
    await expectContent(storage, "tenants/2/secret.txt", "secret")
    await expectContent(storage, "tenants/1/tenants/2/secret.txt", "mine")
  })

  test("a prefix keeps signed URLs inside", [has("signedUrl"), servedUrls], async ({ storage, fetch }) => {
    await storage.write("a.txt", "outside")
    await storage.write("tenants/1/a.txt", "inside")
    const response = await fetch(await storage.with(prefix("tenants/1")).url("a.txt", { expiresIn: "10m" }))
    assert.equal(await response.text(), "inside")
  })

  test("a prefix keeps public URLs inside", [publicUrls], async ({ storage }) => {
    assert.equal(storage.with(prefix("tenants/1")).publicUrl("a.txt"), storage.publicUrl("tenants/1/a.txt"))
  })

  test("a prefix keeps signed uploads inside", [has("signedUpload"), servedUrls], async ({ storage, fetch }) => {
    const signed = await storage.with(prefix("tenants/1")).signedUpload("a.txt", { contentType: "text/plain" })
    let body: string | FormData = "x"
    if (signed.method === "POST") {
      body = new FormData()
      for (const [name, value] of Object.entries(signed.fields)) body.append(name, value)
      body.append("file", new Blob(["x"]), "file")
    }
    const response = await fetch(signed.url, {
      method: signed.method,
      headers: signed.headers,
      body,
      redirect: "manual",
    })
    await response.bytes()
    await expectOnly(storage, ["tenants/1/a.txt"])
  })

  test("prefixes within prefixes add up", async ({ storage }) => {
    await storage.with(prefix("inner")).with(prefix("outer")).write("a.txt", "x")
    const [name] = await namesIn(storage)
    assert.ok(name === "outer/inner/a.txt" || name === "inner/outer/a.txt")
    assert.deepEqual(await namesIn(storage.with(prefix(name.slice(0, -"/a.txt".length)))), ["a.txt"])
  })

  test("a prefix lists and deletes a large number of files, and none of its sibling's", async ({ storage, scale }) => {
    const count = Math.min(scale.list, 2000)
    const names = Array.from({ length: count }, (_, index) => `file-${index}`)
    await storage.write("tenants/10/file-0", "kept")
    const tenant = storage.with(prefix("tenants/1"))
    await forEach(names, (name) => tenant.write(name, ""))
    assert.equal((await namesIn(tenant)).length, count)
    await tenant.deleteMany(await namesIn(tenant))
    await expectOnly(storage, ["tenants/10/file-0"])
  })

  test("readOnly refuses what writes, and lets read", async ({ storage }) => {
    await storage.write("a.txt", "x")
    const reader = storage.with(readOnly())
    await expectContent(reader, "a.txt", "x")
    assert.deepEqual(await namesIn(reader), ["a.txt"])
    await expectError("read-only", () => reader.write("b.txt", "y"))
    await expectError("read-only", () => reader.delete("a.txt"))
    await expectError("read-only", () => reader.move("a.txt", "b.txt"))
    await expectError(["read-only", "partial-failure"], () => reader.deleteMany(["a.txt"]))
    await expectOnly(storage, ["a.txt"])
  })

  test("retry around the driver changes nothing where nothing fails", async ({ storage }) => {
    const patient = storage.with(retry({ attempts: 3 }), prefix("p"))
    await patient.write("a.bin", generated(noise(200_000)))
    await expectContent(patient, "a.bin", noise(200_000))
    await expectError("not-found", () => patient.stat("missing"))
    await patient.move("a.bin", "b.bin")
    await expectOnly(patient, ["b.bin"])
  })
})
