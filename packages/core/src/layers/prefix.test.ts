import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { toContent } from "../content.ts"
import { DriverStorage } from "../driver-storage.ts"
import { nameProblem } from "../names.ts"
import { codeOf, failureOf } from "../testing/failure.ts"
import { FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import { prefix } from "./prefix.ts"

const CALL = { signal: undefined, signedAt: new Date(0), expiresIn: 1, contentType: "text/plain" }

describe("prefix", () => {
  test("is refused where the backend keeps its own records, or is longer than a key can be", () => {
    const driver = Object.assign(new FullMapDriver(), { limits: { keyBytes: 20, reserved: [".records"] } })
    expect(() => prefix(".records/mine")(driver)).toThrow(/\.records.*reserved/)
    expect(() => prefix("a".repeat(21))(driver)).toThrow(/20 bytes/)
    expect(prefix("mine/.records")(driver).limits.reserved).toBeUndefined()
  })

  test("puts every key of every member below it, and takes it off every answer", async () => {
    const driver = new FullMapDriver()
    driver.seed("a", "outside")
    const layer = prefix("t/1")(driver)
    expect((await layer.put("a", toContent("x"), CALL)).name).toBe("a")
    expect((await layer.get("a", CALL))!.info.name).toBe("a")
    expect((await layer.head("a", CALL))!.name).toBe("a")
    expect((await layer.copy!("a", "b", CALL))!.name).toBe("b")
    expect((await layer.copyFrom!(driver.place("a"), "b", CALL))!.name).toBe("b")
    expect(driver.text("t/1/b")).toBe("outside")
    expect(layer.place!("a")).toEqual({ ...driver.place("a"), key: "t/1/a" })
    expect((await layer.move!("b", "d/c", CALL))!.name).toBe("d/c")
    expect(await layer.page({ prefix: "", recursive: false })).toMatchObject({
      files: [{ name: "a" }],
      prefixes: ["d/"],
    })
    expect(await layer.page({ prefix: "d/", recursive: true })).toMatchObject({ files: [{ name: "d/c" }] })
    expect(layer.publicUrl!("a")).toBe("https://public.test/t/1/a")
    expect(await layer.signedUrl!("a", CALL)).toContain("/t/1/a")
    expect((await layer.signedUpload!("a", CALL)).url).toBe("https://upload.test/t/1/a")
    await layer.removeMany!(["d/c"], CALL)
    await layer.remove("a", CALL)
    expect([...driver.files.keys()]).toEqual(["a"])
    const keys = driver.calls.flatMap((call) => call.keys)
    expect(keys.length).toBeGreaterThanOrEqual(14)
    for (const key of keys) expect(key).toMatch(/^t\/1\//)
  })

  test("puts the key of every member of a multipart upload below it, and takes it off the file's name", async () => {
    const driver = new FullMapDriver()
    const multipart = prefix("t/1")(driver).multipart!
    expect(multipart.limits).toBe(driver.multipart.limits)
    const id = await multipart.start("a", CALL)
    expect((await multipart.signPart("a", id, 1, { ...CALL, size: 1 })).url).toContain("https://upload.test/t/1/a?")
    await multipart.storePart!("a", id, 1, toContent("x"), CALL)
    const parts = await multipart.parts("a", id, CALL)
    expect(parts).toMatchObject([{ number: 1, size: 1 }])
    expect((await multipart.complete("a", id, parts, CALL)).name).toBe("a")
    expect(driver.text("t/1/a")).toBe("x")
    await multipart.abort("a", await multipart.start("a", CALL), CALL)
    expect(driver.multipart.uploads.size).toBe(0)
    expect(driver.calls.map(({ member, keys }) => [member, keys])).toEqual(
      ["start", "signPart", "storePart", "parts", "complete", "start", "abort"].map((member) => [
        `multipart.${member}`,
        ["t/1/a"],
      ]),
    )
  })

  test("lets nobody go on with another tenant's upload, or use another's signature", async () => {
    const driver = new FullMapDriver()
    const [mine, others] = [prefix("t1")(driver), prefix("t2")(driver)]
    const id = await others.multipart!.start("a", CALL)
    await others.multipart!.storePart!("a", id, 1, toContent("x"), CALL)
    for (const call of [
      () => mine.multipart!.parts("a", id, CALL),
      () => mine.multipart!.complete("a", id, [], CALL),
      () => mine.multipart!.storePart!("a", id, 1, toContent("y"), CALL),
    ]) {
      await expect(call()).rejects.toMatchObject({ meaning: "not-found" })
    }
    await mine.multipart!.abort("a", id, CALL)
    expect(await others.multipart!.parts("a", id, CALL)).toHaveLength(1)
    expect(others.checkSigned!("a", "T2/A")).toMatchObject({ method: "GET" })
    expect(mine.checkSigned!("a", "T2/A")).toBeUndefined()
  })

  test("lists names as those below it, and no other tenant's", async () => {
    const driver = new FullMapDriver()
    for (const key of ["t1/a/b", "t1/c", "t10/secret", "t1"]) driver.seed(key, "x")
    const storage = new DriverStorage(driver).with(prefix("t1"))
    expect(await Array.fromAsync(storage.listNames())).toEqual(["a/b", "c"])
    expect(await Array.fromAsync(storage.listNames("a"))).toEqual(["a/b"])
  })

  test("gives the driver no key outside of it, whatever a caller does", async () => {
    const part = fc.constantFrom(
      "a",
      "..",
      ".",
      "/",
      "\\",
      "t1",
      "t10",
      "t1/",
      "../t10/",
      "b",
      "\0",
      "C:",
      "%2e%2e",
      " ",
    )
    const name = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""))
    await fc.assert(
      fc.asyncProperty(name, name, async (a, b) => {
        const driver = new FullMapDriver()
        for (const key of ["secret", "t10/secret", "t1", "t1x"]) driver.seed(key, "secret")
        const storage = new DriverStorage(driver).with(prefix("t1"))
        const calls: (() => unknown)[] = [
          () => storage.save(a, "x"),
          () => storage.save(a, "x", { maxLength: 3 }),
          () => storage.save(a, "x"),
          () => storage.write(b, "x"),
          () => storage.open(a).text(),
          () => storage.stat(a),
          () => storage.exists(a),
          () => storage.copy(a, b),
          () => storage.copy(a, b, { ifAbsent: true }),
          () => storage.move(b, a),
          () => storage.url(a),
          () => storage.signedUpload(a),
          () => storage.startMultipart(a).then((upload) => upload.storePart(1, "x").then(() => upload.complete())),
          () => storage.multipart(b, "upload-1").parts(),
          () => storage.multipart(b, "upload-1").abort(),
          () => storage.checkSigned!(a, b),
          () => storage.listdir(a),
          () => storage.list(b).next(),
          () => storage.deleteMany([a, b]),
          () => storage.delete(a),
        ]
        for (const call of calls) {
          try {
            await call()
          } catch (error) {
            expect(error).toMatchObject({ name: "StorageError" })
          }
        }
        for (const { member, keys } of driver.calls) {
          for (const key of keys) {
            expect(key.startsWith("t1/")).toBe(true)
            expect(nameProblem(member === "page" ? key.slice(0, -1) : key)).toBeUndefined()
          }
        }
        for (const key of ["secret", "t10/secret", "t1", "t1x"]) expect(driver.text(key)).toBe("secret")
      }),
      { numRuns: 200 },
    )
  })

  test("leaves less room for names, in the whole and not in a segment", () => {
    const driver = Object.assign(new MapDriver(), {
      limits: {
        keyBytes: 100,
        keyCharacters: 60,
        segmentBytes: 50,
        reserved: [".records"],
        problem: (key: string) => (key === "té/x/bad" ? "bad" : undefined),
      },
    })
    const { problem, ...limits } = prefix("té/x")(driver).limits
    expect(limits).toEqual({ keyBytes: 94, keyCharacters: 55, segmentBytes: 50 })
    expect([problem!("bad"), problem!("good")]).toEqual(["bad", undefined])
  })

  test("takes itself off the keys that removeMany could not remove, and off the next key of a put", async () => {
    const driver = new FullMapDriver()
    driver.removeMany = async (keys) => keys.map((key) => ({ key, error: new MapError("conflict") }))
    const layer = prefix("t")(driver)
    expect((await layer.removeMany!(["a/b"], CALL))[0]!.key).toBe("a/b")
    driver.seed("t/a", "old")
    const info = await layer.put("a", toContent("x"), { ...CALL, ifAbsent: true, nextKey: () => "b" })
    expect([info.name, driver.text("t/b"), driver.text("b")]).toEqual(["b", "x", undefined])
  })

  test("tells where it points", () => {
    const slash = Object.assign(new MapDriver(), { target: "file:///srv/" })
    expect(prefix("t/1/")(new MapDriver()).target).toBe("map:test/t/1")
    expect(prefix("t")(slash).target).toBe("file:///srv/t")
  })

  test("of nothing is nothing, of a bad directory is refused when it is made", () => {
    const driver = new MapDriver()
    expect(prefix("")(driver)).toBe(driver)
    for (const bad of ["../x", "/x", "a//b", "..", "a/../b", "/"])
      expect(codeOf(() => prefix(bad))).toBe("invalid-name")
  })

  test("answers undefined for what is missing and passes failures on", async () => {
    const driver = new FullMapDriver()
    const layer = prefix("t")(driver)
    expect(await layer.get("a", CALL)).toBeUndefined()
    expect(await layer.head("a", CALL)).toBeUndefined()
    expect(await layer.copy!("a", "b", CALL)).toBeUndefined()
    expect(await layer.copyFrom!(driver.place("a"), "b", CALL)).toBeUndefined()
    expect(await layer.move!("a", "b", CALL)).toBeUndefined()
    driver.fail = () => new MapError("network")
    const storage = new DriverStorage(driver).with(prefix("t"))
    expect((await failureOf(storage.stat("a"))).code).toBe("network")
  })
})
