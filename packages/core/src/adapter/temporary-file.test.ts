import { readdirSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { TemporaryFile } from "./temporary-file.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-temporary-"))
  vi.stubEnv("TMPDIR", folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test("gives back what was appended, as often as it is read", async () => {
  const file = await TemporaryFile.open()
  const chunks = Array.from({ length: 5 }, (_, index) => Buffer.alloc(700_000, index))
  for (const chunk of chunks) await file.append(chunk)
  expect(file.size).toBe(3_500_000)
  for (const _ of [1, 2]) {
    expect(Buffer.concat(await Array.fromAsync(file.read())).equals(Buffer.concat(chunks))).toBe(true)
  }
  await file.close()
})

test("gives back any part, of chunks that were appended at once", async () => {
  const file = await TemporaryFile.open()
  const chunks = Array.from({ length: 5 }, (_, index) => Buffer.alloc(700_000 + index, index))
  const positions = await Promise.all(chunks.map((chunk) => file.append(chunk)))
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk.equals(await file.readAt(positions[index]!, chunk.byteLength))).toBe(true)
  }
  await expect(file.readAt(file.size - 1, 2)).rejects.toThrow("shorter")
  await file.close()
})

test("has no name, where the system allows that: a process that is killed leaves nothing", async () => {
  const file = await TemporaryFile.open()
  await file.append(Buffer.from("secret"))
  if (process.platform !== "win32") expect(readdirSync(folder)).toEqual([])
  await file.close()
  expect(readdirSync(folder)).toEqual([])
})

test("that was cleared is empty, and can be filled again", async () => {
  const file = await TemporaryFile.open()
  await file.append(Buffer.from("first"))
  await file.clear()
  expect(await Array.fromAsync(file.read())).toEqual([])
  await file.append(Buffer.from("second"))
  expect(String(Buffer.concat(await Array.fromAsync(file.read())))).toBe("second")
  await file.close()
})

test("rejects where there is no folder for it", async () => {
  vi.stubEnv("TMPDIR", join(folder, "missing"))
  await expect(TemporaryFile.open()).rejects.toMatchObject({ code: "ENOENT" })
})
