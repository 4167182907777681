import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import type { Checksums, ContentInput, FileInfo } from "@node-storages/core"
import { generated, noise, nodeStream, webStream } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly, infosIn } from "../helpers/expect.ts"
import { type Suite, suite } from "../suite.ts"

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"] as const

const KINDS: readonly { readonly kind: string; readonly make: (bytes: Uint8Array<ArrayBuffer>) => ContentInput }[] = [
  { kind: "bytes", make: (bytes) => bytes },
  { kind: "a Blob", make: (bytes) => new Blob([bytes]) },
  { kind: "an async generator", make: (bytes) => generated(bytes) },
  { kind: "a Node stream", make: (bytes) => nodeStream(bytes) },
  { kind: "a web stream", make: (bytes) => webStream(bytes) },
]

function digests(bytes: Uint8Array): Checksums {
  return Object.fromEntries(ALGORITHMS.map((name) => [name, createHash(name).update(bytes).digest("hex")]))
}

/** Holds that each digest that is told is the one of the bytes: a storage need not tell any. */
function expectDigests({ checksum = {} }: FileInfo, bytes: Uint8Array, operation: string): void {
  for (const [algorithm, digest] of Object.entries(checksum)) {
    const expected = digests(bytes)[algorithm as keyof Checksums]
    if (digest !== undefined) assert.equal(digest, expected, `${operation} tells a wrong ${algorithm}`)
  }
}

export const integrity: Suite = suite("integrity", (test) => {
  for (const { kind, make } of KINDS) {
    test(`${kind} with the right digests are stored`, async ({ storage }) => {
      const bytes = noise(200_000)
      await storage.write("a.bin", make(bytes), { checksum: digests(bytes) })
      await expectContent(storage, "a.bin", bytes)
    })

    test(`${kind} with a wrong digest are refused with checksum-mismatch, and nothing is left`, async ({ storage }) => {
      const bytes = noise(200_000)
      await storage.write("old.bin", "old")
      for (const algorithm of ALGORITHMS) {
        const wrong = digests(noise(200_000, 2))[algorithm]!
        const error = await expectError("checksum-mismatch", () =>
          storage.write("new.bin", make(bytes), { checksum: { [algorithm]: wrong } }),
        )
        assert.ok(error.message.includes(wrong), "the message tells the expected digest")
      }
      const checksum = { ...digests(bytes), sha256: digests(noise(1)).sha256 }
      await expectError("checksum-mismatch", () => storage.write("old.bin", make(bytes), { checksum }))
      await expectContent(storage, "old.bin", "old")
      await expectOnly(storage, ["old.bin"])
    })
  }

  test("a large stream with a wrong digest leaves nothing, and the old version whole", async ({
    storage,
    largeBytes,
  }) => {
    await storage.write("old.bin", "old")
    const checksum = { sha256: digests(noise(1)).sha256 }
    await expectError("checksum-mismatch", () => storage.write("old.bin", generated(noise(largeBytes)), { checksum }))
    await expectError("checksum-mismatch", () => storage.write("new.bin", generated(noise(largeBytes)), { checksum }))
    await expectContent(storage, "old.bin", "old")
    await expectOnly(storage, ["old.bin"])
  })

  test("digests that write, stat, list and open tell are those of the bytes", async ({ storage, largeBytes }) => {
    for (const bytes of [noise(0), noise(1000), noise(1000, 2), noise(largeBytes)]) {
      for (const content of [bytes, generated(bytes)]) {
        const written = await storage.write("a.bin", content)
        const [listed] = await infosIn(storage)
        const { files } = await storage.listdir()
        const infos = { write: written, stat: await storage.stat("a.bin"), list: listed!, listdir: files[0]! }
        for (const [operation, info] of Object.entries(infos)) expectDigests(info, bytes, operation)
      }
    }
  })

  test("digests of a copy and of a moved file are those of the bytes", async ({ storage }) => {
    await storage.write("a.bin", noise(1000))
    await storage.write("b.bin", noise(1000, 2))
    expectDigests(await storage.copy("a.bin", "b.bin"), noise(1000), "copy")
    expectDigests(await storage.stat("b.bin"), noise(1000), "stat")
    expectDigests(await storage.move("b.bin", "c.bin"), noise(1000), "move")
    expectDigests(await storage.stat("c.bin"), noise(1000), "stat")
  })

  test("digests in upper case are read too", async ({ storage }) => {
    const bytes = noise(100)
    await storage.write("a.bin", bytes, { checksum: { sha256: digests(bytes).sha256!.toUpperCase() } })
    await expectContent(storage, "a.bin", bytes)
  })
})
