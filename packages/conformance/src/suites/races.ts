import assert from "node:assert/strict"
import { setImmediate } from "node:timers/promises"
import { type ContentInput, StorageError, type Storage } from "@node-storages/core"
import { noise, ONE_SHOT, utf8 } from "../helpers/contents.ts"
import { expectBytes, expectOnly } from "../helpers/expect.ts"
import { declares, has } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const KINDS: readonly { readonly kind: string; readonly make: (bytes: Uint8Array) => ContentInput }[] = [
  { kind: "buffers", make: (bytes) => bytes },
  ...ONE_SHOT.map(({ kind, make }) => ({ kind: `${kind}s`, make })),
]

/** Different for each racer, in bytes and in length. */
function bodyOf(racer: number): Uint8Array<ArrayBuffer> {
  return racer % 2 === 0 ? utf8(`racer ${racer}`) : noise(1000 + racer * 1031, racer + 1)
}

export const races: Suite = suite("races", (test) => {
  for (const { kind, make } of KINDS) {
    test(
      `concurrent saves of ${kind} under one name give as many names, each with its own bytes`,
      [declares("conditionalCreate")],
      async ({ storage, scale }) => {
        await saveTogether(
          storage,
          Array.from({ length: scale.race }, (_, racer) => bodyOf(racer)),
          make,
        )
      },
    )

    test(
      `of concurrent writes of ${kind} with ifAbsent exactly one wins`,
      [declares("conditionalCreate")],
      async ({ storage, scale }) => {
        const bodies = Array.from({ length: scale.race }, (_, racer) => bodyOf(racer))
        const winner = await onlyWinner(
          bodies.map((body) => storage.write("one.bin", make(body), { ifAbsent: true })),
          "already-exists",
        )
        expectBytes(await storage.open("one.bin").bytes(), bodies[winner]!, "winner's content")
        await expectOnly(storage, ["one.bin"])
      },
    )

    test(
      `of concurrent writes of ${kind} with the same ifMatch exactly one wins`,
      [declares("conditionalMatch")],
      async ({ storage, scale }) => {
        const { etag } = await storage.write("one.bin", "before")
        const bodies = Array.from({ length: scale.race }, (_, racer) => bodyOf(racer))
        const winner = await onlyWinner(
          bodies.map((body) => storage.write("one.bin", make(body), { ifMatch: etag })),
          ["precondition-failed", "conflict"],
        )
        expectBytes(await storage.open("one.bin").bytes(), bodies[winner]!, "winner's content")
      },
    )
  }

  test(
    "concurrent saves of large buffers under one name keep all of them",
    [declares("conditionalCreate")],
    async ({ storage, largeBytes }) => {
      await saveTogether(
        storage,
        [1, 2, 3].map((seed) => noise(largeBytes, seed)),
        (bytes) => bytes,
      )
    },
  )

  test(
    "concurrent saves of large one-shot streams under one name keep all of them",
    [declares("conditionalCreate")],
    async ({ storage, largeBytes }) => {
      let racer = 0
      const next = (bytes: Uint8Array) => ONE_SHOT[racer++ % ONE_SHOT.length]!.make(bytes)
      await saveTogether(
        storage,
        [1, 2, 3].map((seed) => noise(largeBytes, seed)),
        next,
      )
    },
  )

  test(
    "of concurrent large streams written with ifAbsent exactly one wins",
    [declares("conditionalCreate")],
    async ({ storage, largeBytes }) => {
      const bodies = [1, 2, 3].map((seed) => noise(largeBytes, seed))
      const winner = await onlyWinner(
        bodies.map((body, racer) => storage.write("one.bin", ONE_SHOT[racer]!.make(body), { ifAbsent: true })),
        "already-exists",
      )
      expectBytes(await storage.open("one.bin").bytes(), bodies[winner]!, "winner's content")
      await expectOnly(storage, ["one.bin"])
    },
  )

  test(
    "of concurrent copies with ifAbsent exactly one wins",
    [has("copy"), declares("conditionalCopy")],
    async ({ storage, scale }) => {
      const sources = Array.from({ length: Math.min(scale.race, 16) }, (_, racer) => `source-${racer}`)
      for (const source of sources) await storage.write(source, source)
      const winner = await onlyWinner(
        sources.map((source) => storage.copy(source, "target", { ifAbsent: true })),
        "already-exists",
      )
      assert.equal(await storage.open("target").text(), sources[winner])
    },
  )

  test("of concurrent plain writes one stays, whole", async ({ storage, scale }) => {
    const bodies = Array.from({ length: scale.race }, (_, racer) => bodyOf(racer))
    await Promise.all(bodies.map((body) => storage.write("one.bin", body)))
    const stored = await storage.open("one.bin").bytes()
    assert.ok(
      bodies.some((body) => Buffer.compare(body, stored) === 0),
      "the content is a mixture of several writes",
    )
    await expectOnly(storage, ["one.bin"])
  })

  test("who reads while others overwrite sees one version or the other, never a mixture", async ({ storage }) => {
    const versions = [noise(300_000, 1), noise(20_000, 2), noise(150_000, 3)]
    await storage.write("a.bin", versions[0]!)
    const writes = { underWay: true }
    const writer = (async () => {
      try {
        for (let turn = 1; turn <= 15; turn++) {
          const version = versions[turn % versions.length]!
          await storage.write("a.bin", turn % 2 === 0 ? version : ONE_SHOT[turn % ONE_SHOT.length]!.make(version))
        }
      } finally {
        writes.underWay = false
      }
    })()
    const reader = async () => {
      do {
        const bytes = await storage.open("a.bin").bytes()
        const whole = versions.some((version) => Buffer.compare(version, bytes) === 0)
        assert.ok(whole, `a reader saw ${bytes.byteLength} bytes that are no version`)
        // A driver in memory may never leave the microtask queue, and nobody else would get a turn.
        await setImmediate()
      } while (writes.underWay)
    }
    await Promise.all([writer, reader(), reader(), reader()])
  })
})

async function saveTogether(
  storage: Storage,
  bodies: readonly Uint8Array[],
  make: (bytes: Uint8Array) => ContentInput,
): Promise<void> {
  const saved = await Promise.all(bodies.map((body) => storage.save("a.txt", make(body))))
  assert.equal(new Set(saved).size, bodies.length, "two saves were given the same name")
  assert.ok(saved.includes("a.txt"), "nobody was given the name itself")
  for (const [racer, name] of saved.entries()) {
    assert.match(name, /^a(_[A-Za-z0-9]{7})?\.txt$/)
    expectBytes(await storage.open(name).bytes(), bodies[racer]!, `content of racer ${racer}`)
  }
  await expectOnly(storage, saved)
}

/** Holds that one call succeeded and every other one was refused with this code. */
async function onlyWinner(calls: readonly Promise<unknown>[], code: string | readonly string[]): Promise<number> {
  const results = await Promise.allSettled(calls)
  const winners = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []))
  for (const result of results) {
    if (result.status === "fulfilled") continue
    const { reason } = result as { reason: unknown }
    assert.ok(StorageError.is(reason) && [code].flat().includes(reason.code), `a loser got ${String(reason)}`)
  }
  assert.equal(winners.length, 1, `${winners.length} of ${calls.length} won`)
  return winners[0]!
}
