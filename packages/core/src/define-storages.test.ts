import { inspect } from "node:util"
import { describe, expect, expectTypeOf, test, vi } from "vitest"
import { defineStorages } from "./define-storages.ts"
import { DriverStorage } from "./driver-storage.ts"
import { StorageError } from "./errors.ts"
import type { Storage } from "./storage.ts"
import { failureOf } from "./testing/failure.ts"
import { MapDriver } from "./testing/map-driver.ts"

class SpecialStorage extends DriverStorage {
  readonly client = "the client"
  constructor() {
    super(new MapDriver())
  }
}

describe("defineStorages", () => {
  test("makes each storage when it is first used, and once", () => {
    const media = vi.fn<() => SpecialStorage>(() => new SpecialStorage())
    const assets = vi.fn<() => SpecialStorage>(() => new SpecialStorage())
    const storages = defineStorages({ media, assets })
    expect(media).not.toHaveBeenCalled()
    const first = storages.media
    expect(storages.media).toBe(first)
    expect(media).toHaveBeenCalledOnce()
    expect(assets).not.toHaveBeenCalled()
  })

  test("takes storages that are made already", () => {
    const media = new SpecialStorage()
    expect(defineStorages({ media }).media).toBe(media)
  })

  test("tries again when making one has failed", () => {
    let attempts = 0
    const storages = defineStorages({
      media: () => {
        if (++attempts === 1) throw new Error("no bucket name in the environment")
        return new SpecialStorage()
      },
    })
    expect(() => storages.media).toThrow("no bucket name")
    expect(storages.media).toBeInstanceOf(SpecialStorage)
  })

  test("keeps the names and the class of each storage in its type", () => {
    const media: Storage = new SpecialStorage()
    const storages = defineStorages({ media, special: () => new SpecialStorage(), made: new SpecialStorage() })
    expectTypeOf(storages.media).toEqualTypeOf<Storage>()
    expectTypeOf(storages.special).toEqualTypeOf<SpecialStorage>()
    expectTypeOf(storages.made).toEqualTypeOf<SpecialStorage>()
    expectTypeOf<keyof typeof storages>().toEqualTypeOf<"media" | "special" | "made">()
    expect(storages.special.client).toBe("the client")
  })

  test("names the defined ones, and the nearest, when another is asked for", async () => {
    const storages = defineStorages({ media: new SpecialStorage(), static: new SpecialStorage() }) as never as Record<
      string,
      Storage
    >
    const failure = await failureOf(() => storages["meda"])
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toBe(
      'There is no storage "meda". Did you mean "media"? The defined ones are: media, static.',
    )
    expect((await failureOf(() => storages["backups"])).message).toBe(
      'There is no storage "backups". The defined ones are: media, static.',
    )
    expect((await failureOf(() => (defineStorages({}) as Record<string, Storage>)["media"])).message).toContain("none")
  })

  test.each(["hasOwnProperty", "isPrototypeOf", "__proto__"])("is not fooled by %j", async (name) => {
    const storages = defineStorages({ media: new SpecialStorage() }) as never as Record<string, Storage>
    expect((await failureOf(() => storages[name])).code).toBe("invalid-option")
  })

  test("can define names that JavaScript asks any object for", async () => {
    const then = new SpecialStorage()
    // oxlint-disable-next-line unicorn/no-thenable
    expect(defineStorages({ then: () => then }).then).toBe(then)
  })

  test("survives being awaited, printed, listed and made into JSON", async () => {
    const media = vi.fn<() => SpecialStorage>(() => new SpecialStorage())
    const storages = defineStorages({ media })
    expect(await Promise.resolve(storages)).toBe(storages)
    expect(inspect(storages)).toContain("media")
    expect(Object.keys(storages)).toEqual(["media"])
    expect("media" in storages && !("other" in storages)).toBe(true)
    expect(media).not.toHaveBeenCalled()
    expect(JSON.stringify(storages)).toBe('{"media":{"storage":"map","target":"map:test"}}')
    expect(String((storages as { toString?: unknown }).toString)).toBe("undefined")
  })
})

describe("an entry of defineStorages", () => {
  const named = (entries: object) => defineStorages(entries as never) as unknown as Record<string, Storage>

  test.each([
    ["undefined", undefined, "is undefined", 'media: () => new LocalStorage("media")'],
    ["null", null, "is null", 'media: () => new LocalStorage("media")'],
    ["a text", "s3://key:hunter2@bucket", "is a string", "media: () => storageFromUrl(…)"],
    ["a URL", new URL("s3://key:hunter2@bucket"), "is another object", "media: () => storageFromUrl(…)"],
    ["a promise", Promise.resolve(new SpecialStorage()), "is a promise", "leave out async"],
    ["a class", SpecialStorage, "is a class", "media: () => new SpecialStorage(…)"],
    ["a driver", new MapDriver(), "is another object", 'media: () => new LocalStorage("media")'],
  ])("that is %s is refused at once, with the way out", async (_, entry, kind, remedy) => {
    const failure = await failureOf(() => named({ media: entry }))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toMatch(/^defineStorages\(\): media /)
    expect(failure.message).toContain(kind)
    expect(failure.message).toContain(remedy)
    expect(inspect(failure)).not.toContain("hunter2")
  })

  test.each([
    ["undefined", () => undefined, "gave undefined", 'Is a "return" or an import missing?'],
    ["a promise", async () => new SpecialStorage(), "gave a promise", "leave out async"],
    ["a text", () => "s3://key:hunter2@bucket", "gave a string", "storageFromUrl(…)"],
    ["a class", () => SpecialStorage, "gave a class", "new SpecialStorage(…)"],
  ])("whose function gives %s is refused when it is used", async (_, entry, kind, remedy) => {
    const storages = named({ media: entry })
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await failureOf(() => storages["media"])
      expect(failure.code).toBe("invalid-option")
      expect(failure.message).toMatch(/^storages\.media: its function gave /)
      expect(failure.message).toContain(kind)
      expect(failure.message).toContain(remedy)
      expect(inspect(failure)).not.toContain("hunter2")
    }
  })

  test("that fails is named, with the code of what went wrong, which is the cause", async () => {
    const cause = new StorageError("unauthenticated", "AzureStorage has no credentials.")
    const failure = await failureOf(
      () =>
        named({
          media: () => {
            throw cause
          },
        })["media"],
    )
    expect([failure.code, failure.message, failure.cause]).toEqual([
      "unauthenticated",
      "storages.media: AzureStorage has no credentials.",
      cause,
    ])
  })

  test("that fails by an error of the app's is told by it, at the place where it was thrown", async () => {
    function brokenEntry(): Storage {
      throw new TypeError("bucket is not defined")
    }
    const failure = await failureOf(() => named({ media: brokenEntry })["media"])
    expect([failure.code, failure.message]).toEqual(["invalid-option", "storages.media: bucket is not defined"])
    expect(failure.stack).toMatch(/^StorageError: storages\.media: bucket is not defined\n\s+at .*brokenEntry/)
    expect(failure.cause).toBeInstanceOf(TypeError)
    const thrown = await failureOf(
      () =>
        named({
          media: () => {
            // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
            throw "nothing to make it of"
          },
        })["media"],
    )
    expect(thrown.message).toBe("storages.media: nothing to make it of")
  })

  test("whose function gives no storage is told where the entries stand", async () => {
    function inTheConfiguration() {
      return named({ media: () => undefined })
    }
    expect((await failureOf(() => inTheConfiguration()["media"])).stack).toMatch(/\n\s+at inTheConfiguration /)
  })

  test("that uses itself is told so, instead of the stack's end", async () => {
    const storages: Record<string, Storage> = named({ media: () => storages["media"] })
    expect((await failureOf(() => storages["media"])).message).toContain("is used while it is being made")
  })

  test("may use another one", () => {
    const storages: Record<string, Storage> = named({
      media: () => new SpecialStorage(),
      thumbnails: () => storages["media"]!.with(),
    })
    expect(storages["thumbnails"]).toBeInstanceOf(DriverStorage)
  })

  test("may be a storage that is not of this package", () => {
    const other = { save() {}, write() {}, open() {}, list() {} }
    expect(named({ media: other })["media"]).toBe(other)
    expect(named({ media: () => other })["media"]).toBe(other)
  })
})
