import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { expect, test } from "vitest"
import { startGcsProcess } from "./gcs-process.ts"
import { officialClient } from "./sdk-client.ts"

const MEBIBYTE = 1024 * 1024

const run = (environment?: NodeJS.ProcessEnv) => startGcsProcess(["own-process"], environment)

test.each(["SIGTERM", "the end of stdin"])("the server runs in a process of its own until %s", async (end) => {
  const { child, connection } = await run()
  const exited = once(child, "exit")
  const file = (await officialClient(connection)).bucket("own-process").file("a")
  await file.save("content", { resumable: false })
  expect(String((await file.download())[0])).toBe("content")
  if (end === "SIGTERM") child.kill("SIGTERM")
  else child.stdin.end()
  expect(await exited).toEqual([0, null])
  await expect(fetch(connection.endpoint)).rejects.toThrow()
})

test("a large object goes to a file, which does not outlive it, and does not grow the process", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gcs-run-test-"))
  const { child, connection } = await run({ TMPDIR: folder })
  const file = (await officialClient(connection)).bucket("own-process").file("large")
  const chunk = Buffer.alloc(MEBIBYTE, "x")
  async function* content(): AsyncGenerator<Buffer> {
    for (let index = 0; index < 256; index += 1) yield chunk
  }
  const before = await peakMemory(child.pid)
  await pipeline(content, file.createWriteStream({ resumable: true }))
  let received = 0
  for await (const bytes of file.createReadStream() as AsyncIterable<Buffer>) received += bytes.length
  expect(received).toBe(256 * MEBIBYTE)
  expect((await peakMemory(child.pid)) - before).toBeLessThan(128 * MEBIBYTE)
  const [own] = await readdir(folder)
  expect(await readdir(join(folder, own!))).toHaveLength(1)
  await file.delete()
  expect(await readdir(join(folder, own!))).toHaveLength(0)
  const exited = once(child, "exit")
  child.stdin.end()
  await exited
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true })
})

/** Bytes; always 0 where the system does not tell. */
async function peakMemory(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}
