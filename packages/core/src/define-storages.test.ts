import { inspect } from "node:util"
import { describe, expect, expectTypeOf, test, vi } from "vitest"
import { defineStorages } from "./define-storages.ts"
import { DriverStorage } from "./driver-storage.ts"
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
