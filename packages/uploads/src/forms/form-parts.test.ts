import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { UploadError } from "../upload-error.ts"
import { FormParts, type PartLimits } from "./form-parts.ts"

const BOUNDARY = "----b"
const LIMITS: PartLimits = { parts: 100, headerPairs: 5, headerSize: 1000 }
type Pieces = (body: Uint8Array) => Uint8Array[]

const whole: Pieces = (body) => [body]
const each =
  (size: number): Pieces =>
  (body) =>
    Array.from({ length: Math.ceil(body.length / size) }, (_, index) => body.subarray(index * size, (index + 1) * size))

/** The parts that a body has, each with its content; an UploadError's code where it is refused. */
async function read(body: string | Uint8Array, pieces: Pieces = whole, limits = LIMITS): Promise<unknown> {
  const waiting = pieces(typeof body === "string" ? Buffer.from(body) : body)
  const parts = new FormParts(BOUNDARY, limits)
  const reading = parts.readFrom(async () => waiting.shift())
  const found: unknown[] = []
  try {
    for (let part = await parts.next(); part; part = await parts.next()) {
      const chunks: Uint8Array[] = []
      for await (const chunk of part.chunks) chunks.push(chunk)
      found.push([part.field, part.fileName, Buffer.concat(chunks).toString("latin1")])
    }
    await reading
    return found
  } catch (error) {
    if (UploadError.is(error)) return error.code
    throw error
  }
}

const field = (name: string, value: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const END = `--${BOUNDARY}--\r\n`
const A = field("a", "1")

describe("what a body has", () => {
  const cases: [what: string, body: string, expected: unknown][] = [
    [
      "fields",
      A + field("b", "2") + END,
      [
        ["a", undefined, "1"],
        ["b", undefined, "2"],
      ],
    ],
    ["a field of nothing", field("a", "") + END, [["a", undefined, ""]]],
    ["no fields", END, []],
    ["no line break at the end", `${A}--${BOUNDARY}--`, [["a", undefined, "1"]]],
    ["text before and behind", `before\r\n${A}${END}behind\r\n${A}`, [["a", undefined, "1"]]],
    [
      "what is nearly a boundary",
      field("a", "x\r\n-----\r\n------b".slice(0, 12)) + END,
      [["a", undefined, "x\r\n-----\r\n--"]],
    ],
    ["line breaks at a value's end", field("a", "\r\n\r") + END, [["a", undefined, "\r\n\r"]]],
    [
      "a folded header",
      `--${BOUNDARY}\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\n1\r\n${END}`,
      [["a", undefined, "1"]],
    ],
    ["nothing", "", "malformed-form"],
    ["something else", "hello world", "malformed-form"],
    ["another boundary", A.replaceAll(BOUNDARY, "----c") + "------c--\r\n", "malformed-form"],
    ["bare line feeds", (A + END).replaceAll("\r\n", "\n"), "truncated"],
    ["no end", A, "truncated"],
    ["half of a value", `${A}--${BOUNDARY}\r\nContent-Disposition: form-data; name="b"\r\n\r\nhal`, "truncated"],
    ["half of a header", `${A}--${BOUNDARY}\r\nContent-Dispo`, "truncated"],
    ["half of the end", `${A}--${BOUNDARY}-`, "truncated"],
    ["a part without headers", `--${BOUNDARY}\r\n\r\nx\r\n${END}`, "malformed-form"],
    ["a part without headers among others", `${A}--${BOUNDARY}\r\n\r\nx\r\n${A}${END}`, "malformed-form"],
    ["a part without a disposition", `--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n${END}`, "malformed-form"],
    ["a header without a colon", `--${BOUNDARY}\r\nContent-Disposition form-data\r\n\r\nx\r\n${END}`, "malformed-form"],
    [
      "something behind a boundary",
      `--${BOUNDARY}x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n${END}`,
      "malformed-form",
    ],
    [
      "spaces behind a boundary",
      `--${BOUNDARY}  \r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n${END}`,
      "malformed-form",
    ],
    [
      "a giant header",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${"a".repeat(1e6)}"\r\n\r\n1\r\n${END}`,
      "headers-too-large",
    ],
    [
      "another giant header",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\nX: ${"a".repeat(5000)}\r\n\r\n1\r\n${END}`,
      "headers-too-large",
    ],
    [
      "many headers",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n${"X: a\r\n".repeat(6)}\r\n1\r\n${END}`,
      "headers-too-large",
    ],
    [
      "a header without end",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\nX: ${"a".repeat(1e6)}`,
      "headers-too-large",
    ],
    ["many parts", A.repeat(101) + END, "too-many-parts"],
    ["a preamble without end", "x".repeat(1e6), "malformed-form"],
  ]
  test.each(cases)("%s", async (_, body, expected) => {
    const outcomes = [await read(body)]
    for (const size of body.length > 10_000 ? [700, 65_536] : [1, 7, 64]) outcomes.push(await read(body, each(size)))
    // What the parser says of a body that never gets to a header's end depends on where it ended.
    for (const outcome of outcomes) {
      if (expected === "headers-too-large") expect(["headers-too-large", "truncated"]).toContain(outcome)
      else expect(outcome).toEqual(expected)
    }
  })

  test("a header that never ends is refused long before the body ends", async () => {
    const begin = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\nX: `)
    let given = 0
    const parts = new FormParts(BOUNDARY, LIMITS)
    void parts.readFrom(async () => {
      given++
      return given === 1 ? begin : Buffer.alloc(500, "a")
    })
    await expect(parts.next()).rejects.toMatchObject({ code: "headers-too-large", status: 413 })
    expect(given).toBeLessThan(10)
  })
})

test("any parts, cut into any pieces, arrive as they were", async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom("\r", "\n", "\r\n", "-", "--", "----", "----b", "\r\n------b".slice(0, -1), "b", "a"), {
        maxLength: 30,
      })
      .map((texts) => Buffer.from(texts.join(""))),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (contents, cuts) => {
        fc.pre(contents.every((bytes) => !Buffer.from(bytes).includes(`--${BOUNDARY}`)))
        const body = Buffer.concat([
          ...contents.flatMap((bytes, index) => {
            const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f${index}"; filename="${index}"\r\n\r\n`
            return [Buffer.from(head), bytes, Buffer.from("\r\n")]
          }),
          Buffer.from(END),
        ])
        const pieces: Pieces = (all) => {
          const found: Uint8Array[] = []
          for (let [start, turn] = [0, 0]; start < all.length; turn++) {
            const size = cuts[turn % cuts.length]!
            found.push(all.subarray(start, start + size))
            start += size
          }
          return found
        }
        const expected = contents.map((bytes, index) => [
          `f${index}`,
          `${index}`,
          Buffer.from(bytes).toString("latin1"),
        ])
        expect(await read(body, pieces)).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})

test("nothing more is read of the body than is consumed", async () => {
  let given = 0
  const parts = new FormParts(BOUNDARY, LIMITS)
  const head = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n`)
  void parts.readFrom(async () => (given++ === 0 ? head : Buffer.alloc(65_536)))
  const part = await parts.next()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(given).toBeLessThan(5)
  let consumed = 0
  for await (const chunk of part!.chunks) {
    consumed += chunk.byteLength
    expect(given * 65_536 - consumed).toBeLessThan(6 * 65_536)
    if (consumed > 5_000_000) break
  }
})

test("a failure ends the part that is being read, and the ones that wait", async () => {
  const parts = new FormParts(BOUNDARY, LIMITS)
  const head = Buffer.from(A.repeat(3) + field("b", "x").slice(0, -2))
  const pieces = [head]
  void parts.readFrom(async () => pieces.shift() ?? new Promise<undefined>(() => {}))
  const part = await parts.next()
  parts.fail(new UploadError("timeout", "too slow"))
  await expect(part!.chunks[Symbol.asyncIterator]().next()).rejects.toThrow("too slow")
  await expect(parts.next()).rejects.toThrow("too slow")
})
