import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { rmSync, readdirSync } from "node:fs"
import { nodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it, onTestFinished } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runCheck } from "./check-report.ts"
import { runCommand } from "./run-command.ts"

const ORIGIN = "https://www.example.com"
const STYLE = `body { color: #123456 }\n`.repeat(200)

/** Serves a folder, and sends headers of its own beside those of the handler. */
async function served(folder: string, precompressed: readonly "br"[] | false, headers: Record<string, string> = {}) {
  const handler = nodeHandler(new LocalStorage(folder, { baseUrl: "/" }), { precompressed: precompressed !== false })
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    void handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function app(): string {
  return appFolder({
    "assets/css/app.css": STYLE,
    "storages.config.ts": `
      import { defineStorages } from "@node-storages/core"
      import { LocalStorage } from "@node-storages/local"
      import { defineStatic } from "@node-storages/static"
      export const storages = defineStorages({
        static: () => new LocalStorage("collected", { baseUrl: process.env.STATIC_URL ?? "/static/" }),
        media: () => new LocalStorage("media"),
      })
      export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"] })`,
  })
}

describe("check of static files", () => {
  it("tells that nothing was collected yet, and how to do it", async () => {
    const cwd = app()
    const { reports, exitCode } = await runCheck([], { cwd })
    const files = reports.at(-1)!
    expect([exitCode, files.storage]).toEqual([0, "static files"])
    expect(files.steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
      "sources ok",
      "manifest warning",
      "published skipped",
      "compressed skipped",
      "cors skipped",
    ])
    expect(files.steps[1]).toMatchObject({ code: "missing-manifest", hint: "storages collectstatic" })
    // They belong to the storage that they are published to.
    expect((await runCheck(["media"], { cwd })).reports).toHaveLength(1)
    expect((await runCheck(["static"], { cwd })).reports).toHaveLength(2)
  })

  it("fetches a file as browsers do: headers, bytes, compression, CORS", async () => {
    const cwd = app()
    expect((await runCommand(["collectstatic"], { cwd })).exitCode).toBe(0)
    const STATIC_URL = await served(`${cwd}/collected`, ["br"], { "access-control-allow-origin": "*" })
    const { reports } = await runCheck(["static", "--origin", ORIGIN], { cwd, env: { STATIC_URL } })
    const { steps, ok } = reports.at(-1)!
    expect(steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
      "sources ok",
      "manifest ok",
      "published ok",
      "compressed ok",
      "cors ok",
    ])
    expect(steps[2]!.text).toMatch(/^css\/app\.\w+\.css: text\/css.*, public, max-age=31536000, immutable$/)
    expect(steps[3]!.text).toMatch(/Content-Encoding: (br|gzip)$/)
    expect(ok).toBe(true)
  })

  it("tells what a server gets wrong", async () => {
    const cwd = app()
    await runCommand(["collectstatic"], { cwd })
    const plain = await served(`${cwd}/collected`, false)
    const { reports, exitCode } = await runCheck(["static", "--origin", ORIGIN], { cwd, env: { STATIC_URL: plain } })
    const [, , published, compressed, cors] = reports.at(-1)!.steps
    expect(published).toMatchObject({ status: "ok" })
    expect(compressed).toMatchObject({ status: "warning", code: "not-compressed" })
    expect(compressed!.hint).toContain("gzip_static")
    expect(cors).toMatchObject({ status: "failed", code: "cors" })
    expect(exitCode).toBe(1)
    const elsewhere = `${plain}elsewhere/`
    const missing = (await runCheck(["static"], { cwd, env: { STATIC_URL: elsewhere } })).reports.at(-1)!
    expect(missing.steps[2]).toMatchObject({ status: "failed", code: "not-public" })
  })

  it("tells a twin that the manifest has and the folder has not", async () => {
    const cwd = app()
    await runCommand(["collectstatic"], { cwd })
    for (const name of readdirSync(`${cwd}/collected/css`))
      if (/\.(br|gz)$/.test(name)) rmSync(`${cwd}/collected/css/${name}`)
    const STATIC_URL = await served(`${cwd}/collected`, false)
    const { reports } = await runCheck(["static"], { cwd, env: { STATIC_URL } })
    expect(reports.at(-1)!.steps[3]).toMatchObject({ status: "failed", code: "missing-twin" })
  })

  it("tells a source that is not there, and a manifest that is none", async () => {
    const cwd = app()
    rmSync(`${cwd}/assets`, { recursive: true })
    expect((await runCheck([], { cwd })).reports.at(-1)!.steps[0]).toMatchObject({ step: "sources", status: "failed" })
    await new LocalStorage(`${cwd}/collected`).write("staticfiles.json", "{ nothing")
    const { reports, exitCode } = await runCheck([], { cwd })
    expect(reports.at(-1)!.steps[1]).toMatchObject({ step: "manifest", status: "failed", code: "invalid-manifest" })
    expect(exitCode).toBe(1)
  })
})
