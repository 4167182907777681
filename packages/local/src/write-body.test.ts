import { createHash } from "node:crypto"
import type { PutBody } from "@node-storages/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { LocalFileHandle } from "./file-system.ts"
import { writeBody } from "./write-body.ts"

const KIBIBYTE = 1024

function bodyOf(stream: () => AsyncGenerator<Uint8Array>, size?: number): PutBody {
  return { size, replayable: false, bytes: undefined, stream }
}

/** A file whose writes take a while; each may be short, as the system's may. */
class SlowFile {
  written: Buffer = Buffer.alloc(0)
  underWay = 0
  failure: Error | undefined

  readonly handle = {
    write: async (bytes: Uint8Array, offset: number, length: number) => {
      this.underWay++
      await new Promise((resolve) => setImmediate(resolve))
      this.underWay--
      if (this.failure) throw this.failure
      const taken = Math.max(1, length - 7)
      this.written = Buffer.concat([this.written, bytes.subarray(offset, offset + taken)])
      return { bytesWritten: taken }
    },
  } as unknown as LocalFileHandle
}

describe("a stream is written", () => {
  it("in order and whole, though it uses its memory again, and the system takes less than it is given", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 300 * KIBIBYTE }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.boolean(), async (given, isKnown) => {
        const lent = new Uint8Array(300 * KIBIBYTE)
        async function* source() {
          for (const [index, length] of given.entries()) yield lent.fill(index + 1).subarray(0, length)
        }
        const expected = Buffer.concat(given.map((length, index) => Buffer.alloc(length, index + 1)))
        const file = new SlowFile()
        await writeBody(file.handle, bodyOf(source, isKnown ? expected.byteLength : undefined))
        expect(file.written.equals(expected)).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it("in larger blocks once it has become long, whole all the same", async () => {
    const chunk = new Uint8Array(100 * KIBIBYTE)
    const lengths: number[] = []
    const digest = createHash("sha256")
    const handle = {
      write: (bytes: Uint8Array, offset: number, length: number) => {
        lengths.push(length)
        digest.update(bytes.subarray(offset, offset + length))
        return Promise.resolve({ bytesWritten: length })
      },
    } as unknown as LocalFileHandle
    const expected = createHash("sha256")
    async function* source() {
      for (let index = 0; index < 700; index++) {
        chunk.fill(index)
        expected.update(chunk)
        yield chunk
      }
    }
    await writeBody(handle, bodyOf(source))
    expect(digest.digest("hex")).toBe(expected.digest("hex"))
    expect(lengths.slice(0, -1)).toEqual([
      ...Array.from({ length: 512 }, () => 128 * KIBIBYTE),
      ...Array.from({ length: lengths.length - 513 }, () => 512 * KIBIBYTE),
    ])
    expect(lengths.length).toBeGreaterThan(514)
  })

  it("and nothing is being written any more when its source has failed", async () => {
    const file = new SlowFile()
    async function* source() {
      yield new Uint8Array(100 * KIBIBYTE)
      yield new Uint8Array(100 * KIBIBYTE)
      throw new Error("boom")
    }
    await expect(writeBody(file.handle, bodyOf(source))).rejects.toThrow("boom")
    expect(file.underWay).toBe(0)
  })

  it("and a write that fails ends it, and its source", async () => {
    const file = new SlowFile()
    file.failure = new Error("no space")
    let ended = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(100 * KIBIBYTE)
      } finally {
        ended = true
      }
    }
    await expect(writeBody(file.handle, bodyOf(endless))).rejects.toThrow("no space")
    expect(ended).toBe(true)
  })
})
