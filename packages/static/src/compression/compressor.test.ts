import { execFile } from "node:child_process"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { CODECS, type Codecs } from "./encodings.ts"
import { Compressor, type CompressorOptions, defaultConcurrency } from "./compressor.ts"

const run = promisify(execFile)
const TEXT = Buffer.from("export const answer = 42\n".repeat(80))
const COUNT = Object.keys(CODECS).length

let cacheFolder: string
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), "node-storages-compressor-"))
})
afterEach(() => rm(cacheFolder, { recursive: true, force: true }))

describe("a compressor", () => {
  test("tells the type by the name, unless it is given one", async () => {
    const compressor = new Compressor({ encodings: ["gzip"], cacheFolder: false })
    expect(await compressor.compress("js/app.js", TEXT)).toHaveProperty("gzip")
    expect(await compressor.compress("photo.png", TEXT)).toEqual({})
    expect(await compressor.compress("without-extension", TEXT)).toEqual({})
    expect(await compressor.compress("without-extension", TEXT, "text/plain")).toHaveProperty("gzip")
    expect(await compressor.compress("js/app.js", TEXT, "application/octet-stream")).toEqual({})
  })

  test("compresses with all encodings by default, and with none on demand", async () => {
    expect(new Compressor({ cacheFolder }).encodings).toEqual(Object.keys(CODECS))
    const none = new Compressor({ encodings: [], cacheFolder })
    expect(await none.compress("app.js", TEXT)).toEqual({})
    expect([none.stats.files, await readdir(cacheFolder)]).toEqual([0, []])
  })

  test("counts what it does, and compresses nothing that did not change since another run", async () => {
    const first = new Compressor({ cacheFolder })
    const made = await first.compress("app.js", TEXT)
    const bytesOut = Object.values(made).reduce((sum, bytes) => sum + bytes.byteLength, 0)
    const counts = { files: 1, bytesIn: TEXT.byteLength, bytesOut, kept: COUNT, notWorthwhile: 0 }
    expect(first.stats).toMatchObject({ ...counts, cacheHits: 0, cacheMisses: COUNT })
    expect(first.stats.milliseconds).toBeGreaterThan(0)
    const second = new Compressor({ cacheFolder })
    await second.compress("renamed.js", TEXT)
    expect(second.stats).toEqual({ ...counts, cacheHits: COUNT, cacheMisses: 0, milliseconds: 0 })
    await second.compress("photo.png", TEXT)
    expect(second.stats.files).toBe(1)
  })

  test("has no more encoders at work than it is allowed", async () => {
    let [running, most] = [0, 0]
    const slow = async (bytes: Uint8Array) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      return bytes.subarray(0, 10)
    }
    const codecs: Codecs = { br: { ...CODECS.br!, compress: slow }, gzip: { ...CODECS.gzip!, compress: slow } }
    const compressor = new Compressor({ cacheFolder: false, concurrency: 3, codecs })
    await Promise.all(Array.from({ length: 10 }, (_, index) => compressor.compress(`${index}.js`, TEXT)))
    expect([most, compressor.stats.kept]).toEqual([3, 20])
  })

  test("ends with the signal of a call, and goes on with others", async () => {
    const compressor = new Compressor({ encodings: ["gzip"], cacheFolder: false, concurrency: 1 })
    const signal = AbortSignal.abort()
    await expect(compressor.compress("a.js", TEXT, undefined, { signal })).rejects.toMatchObject({ code: "aborted" })
    expect(await compressor.compress("b.js", TEXT)).toHaveProperty("gzip")
  })

  test("sweeps its cache, if it has one", async () => {
    const compressor = new Compressor({ cacheFolder })
    await compressor.compress("app.js", TEXT)
    expect(await compressor.sweep()).toEqual({ seen: 1, removed: 0, bytes: 0 })
    expect(await new Compressor({ cacheFolder: false }).sweep()).toEqual({ seen: 0, removed: 0, bytes: 0 })
  })

  test.each([
    [{ encoding: ["br"] }, /Did you mean "encodings"\?/],
    [{ encodings: ["gz"] }, /is no encoding/],
    [{ concurrency: 0 }, /concurrency must be a whole number/],
    [{ concurrency: 1.5 }, /concurrency must be a whole number/],
    [{ cacheFolder: "" }, /cacheFolder must be a path/],
    [{ cacheFolder: true }, /cacheFolder must be a path/],
  ])("refuses %j", (options, message) => {
    const create = () => new Compressor(options as CompressorOptions)
    expect(create).toThrow(expect.objectContaining({ name: "StaticError", code: "invalid-option" }))
    expect(create).toThrow(message)
  })

  test("leaves a thread for files, where there is more than one", () => {
    expect(defaultConcurrency(1, undefined)).toBe(2)
    expect(defaultConcurrency(2, undefined)).toBe(3)
    expect(defaultConcurrency(16, undefined)).toBe(3)
    expect(defaultConcurrency(16, "32")).toBe(17)
    expect(defaultConcurrency(1, "1")).toBe(1)
    for (const unusable of ["", "many", "0", "-2", "NaN"]) expect(defaultConcurrency(16, unusable)).toBe(3)
  })
})

test("processes that compress the same files at once share a cache, and get the same bytes", async () => {
  const code = `
    const { Compressor } = await import(${JSON.stringify(new URL("compressor.ts", import.meta.url).href)})
    const warnings = []
    const compressor = new Compressor({
      cacheFolder: ${JSON.stringify(cacheFolder)},
      onWarning: (message) => warnings.push(message),
    })
    const files = Array.from({ length: 12 }, (_, index) => Buffer.from(("line " + index + "\\n").repeat(300)))
    const made = await Promise.all(files.map((bytes, index) => compressor.compress(index + ".txt", bytes)))
    const digests = made.map((file) => Object.entries(file).map(([name, bytes]) => name + Buffer.from(bytes).toString("hex")))
    console.log(JSON.stringify({ warnings, digests, stats: compressor.stats }))`
  const flags = ["--conditions=node-storages-source", "--experimental-strip-types", "--no-warnings"]
  const start = () => run(process.execPath, [...flags, "--input-type=module", "--eval", code])
  const [first, second] = (await Promise.all([start(), start()])).map(({ stdout }) => JSON.parse(stdout))
  const third = JSON.parse((await start()).stdout)
  expect([first.warnings, second.warnings, third.warnings]).toEqual([[], [], []])
  expect(second.digests).toEqual(first.digests)
  expect(third.digests).toEqual(first.digests)
  expect(third.stats).toMatchObject({ files: 12, cacheHits: 12 * COUNT, cacheMisses: 0 })
})
