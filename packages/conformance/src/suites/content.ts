import assert from "node:assert/strict"
import { type ContentInput } from "@node-storages/core"
import { generated, noise, nodeStream, ONE_SHOT, utf8, webStream } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { declares } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const BYTES = noise(1000)
const TEXT = "Grüße, 日本語 🎉\n"

async function* strings() {
  yield "Grüße, "
  yield ""
  yield "日本語 🎉\n"
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.byteLength)
  new Uint8Array(buffer).set(bytes)
  return buffer
}

/** A view in the middle of a larger buffer: only what it shows is to be stored. */
const middle = { offset: 96, length: 104 }
const part = BYTES.slice(middle.offset, middle.offset + middle.length)

const KINDS: readonly {
  readonly kind: string
  readonly make: () => ContentInput
  readonly stored: Uint8Array | string
}[] = [
  { kind: "a string, in UTF-8", make: () => TEXT, stored: TEXT },
  { kind: "an empty string", make: () => "", stored: "" },
  { kind: "a Buffer", make: () => Buffer.from(BYTES), stored: BYTES },
  { kind: "a Uint8Array", make: () => BYTES, stored: BYTES },
  { kind: "an empty Uint8Array", make: () => new Uint8Array(), stored: "" },
  { kind: "the slice that a Uint8Array shows", make: () => BYTES.subarray(96, 200), stored: part },
  {
    kind: "the slice that a Buffer of the pool shows",
    make: () => Buffer.from("from the pool"),
    stored: "from the pool",
  },
  { kind: "the slice that a Float64Array shows", make: () => new Float64Array(BYTES.buffer, 96, 13), stored: part },
  { kind: "the slice that a Uint16Array shows", make: () => new Uint16Array(BYTES.buffer, 96, 52), stored: part },
  { kind: "the slice that a DataView shows", make: () => new DataView(BYTES.buffer, 96, 104), stored: part },
  { kind: "an ArrayBuffer", make: () => BYTES.slice().buffer, stored: BYTES },
  { kind: "a SharedArrayBuffer", make: () => shared(BYTES), stored: BYTES },
  { kind: "a Blob", make: () => new Blob([BYTES.subarray(0, 400), BYTES.subarray(400)]), stored: BYTES },
  { kind: "an empty Blob", make: () => new Blob([]), stored: "" },
  { kind: "a File", make: () => new File([BYTES], "ignored.name"), stored: BYTES },
  { kind: "a web stream", make: () => webStream(BYTES, 100), stored: BYTES },
  { kind: "an empty web stream", make: () => webStream(new Uint8Array()), stored: "" },
  { kind: "a web stream of a Blob", make: () => new Blob([BYTES]).stream(), stored: BYTES },
  { kind: "a Node stream", make: () => nodeStream(BYTES, 100), stored: BYTES },
  { kind: "an empty Node stream", make: () => nodeStream(new Uint8Array()), stored: "" },
  { kind: "an async iterable of bytes", make: () => generated(BYTES, 1), stored: BYTES },
  { kind: "an empty async iterable", make: () => generated(new Uint8Array()), stored: "" },
  { kind: "an async iterable of strings", make: strings, stored: TEXT },
  { kind: "an async iterable of parts of views", make: views, stored: part },
]

async function* views() {
  yield new DataView(BYTES.buffer, 96, 50)
  yield new Uint16Array(BYTES.buffer, 146, 27)
}

export const content: Suite = suite("content", (test) => {
  for (const { kind, make, stored } of KINDS) {
    test(`write stores ${kind}`, async ({ storage }) => {
      const info = await storage.write("content", make())
      assert.equal(info.size, typeof stored === "string" ? utf8(stored).byteLength : stored.byteLength)
      await expectContent(storage, "content", stored)
      await expectOnly(storage, ["content"])
    })

    test(`save stores ${kind}`, [declares("conditionalCreate")], async ({ storage }) => {
      await expectContent(storage, await storage.save("content", make()), stored)
    })
  }

  test("write stores a file of another storage", async ({ storage, another }) => {
    const other = await another()
    await other.write("source.bin", BYTES)
    await storage.write("target.bin", other.open("source.bin"))
    await expectContent(storage, "target.bin", BYTES)
  })

  test("write stores a slice of a file, and a file of the same storage over itself", async ({ storage }) => {
    await storage.write("source.bin", BYTES)
    await storage.write("part.bin", storage.open("source.bin").slice(96, 200))
    await expectContent(storage, "part.bin", part)
    await storage.write("source.bin", storage.open("source.bin").slice(96, 200))
    await expectContent(storage, "source.bin", part)
  })

  test("the same bytes, Blob and file can be stored twice", async ({ storage }) => {
    const blob = new Blob([BYTES])
    for (const input of [BYTES, blob]) {
      await storage.write("first", input)
      await storage.write("second", input)
      await expectContent(storage, "first", BYTES)
      await expectContent(storage, "second", BYTES)
    }
    await storage.write("third", storage.open("first"))
    await storage.write("third", storage.open("first"))
    await expectContent(storage, "third", BYTES)
  })

  test("what happens to a buffer after it was stored does not change the file", async ({ storage }) => {
    const bytes = noise(1000)
    await storage.write("a.bin", bytes)
    bytes.fill(0)
    await expectContent(storage, "a.bin", BYTES)
    const read = await storage.open("a.bin").bytes()
    read.fill(0)
    await expectContent(storage, "a.bin", BYTES)
  })

  test("a stream that was read already is refused, not stored as an empty file", async ({ storage }) => {
    const web = webStream(BYTES)
    await new Response(web).bytes()
    const node = nodeStream(BYTES)
    await node.toArray()
    for (const used of [web, node]) await expectError("invalid-content", () => storage.write("a.bin", used))
    await expectOnly(storage, [])
  })

  test("what is no content is refused", async ({ storage }) => {
    for (const wrong of [undefined, null, 1, {}, [1, 2], new Date()] as never[]) {
      await expectError("invalid-content", () => storage.write("a.bin", wrong))
    }
    async function* numbers() {
      yield 1 as never
    }
    await expectError("invalid-content", () => storage.write("a.bin", numbers()))
    await expectOnly(storage, [])
  })

  test("a large buffer is stored", async ({ storage, largeBytes }) => {
    const bytes = noise(largeBytes)
    await storage.write("large.bin", bytes)
    await expectContent(storage, "large.bin", bytes)
  })

  test("a large Blob is stored", async ({ storage, largeBytes }) => {
    const bytes = noise(largeBytes + 1)
    await storage.write("large.bin", new Blob([bytes]))
    await expectContent(storage, "large.bin", bytes)
  })

  for (const { kind, make } of ONE_SHOT) {
    test(`a large ${kind} of unknown length is stored, and can replace a file`, async ({ storage, largeBytes }) => {
      const bytes = noise(largeBytes + 17)
      await storage.write("large.bin", "old")
      const info = await storage.write("large.bin", make(bytes))
      assert.equal(info.size, bytes.byteLength)
      await expectContent(storage, "large.bin", bytes)
      await expectOnly(storage, ["large.bin"])
    })
  }

  test("a stream of exactly as many bytes as a service's smallest part is stored", async ({ storage }) => {
    const bytes = noise(5 * 1024 * 1024)
    await storage.write("part.bin", generated(bytes))
    await expectContent(storage, "part.bin", bytes)
  })
})
