import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it, onTestFinished } from "vitest"
import { appFolder } from "./app-folder.ts"
import { type Running, startCommand } from "./command-process.ts"
import { runCommand } from "./run-command.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"

const KEY = "k".repeat(32)
const CONFIG = `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic } from "node-storages/static"
export const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "https://www.example.com/media/" }),
  static: () => new LocalStorage("public", { baseUrl: "https://static.example.com/" }),
  letters: () => new LocalStorage("letters", { baseUrl: "/letters/", signingKeys: ["${KEY}"] }),
  backup: () => new LocalStorage("backup"),
})
export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"], cacheFolder: false })
`
const FILES = {
  "storages.config.ts": CONFIG,
  "media/avatars/me.txt": "me",
  "letters/anna.txt": "Dear Anna",
  "backup/all.txt": "secret",
  "assets/css/app.css": "a { color: red }\n".repeat(100),
}

/** Starts it on a free port, and waits until it says where it listens. */
async function served(args: readonly string[], cwd = appFolder(FILES)): Promise<Running & { url: string }> {
  const running = await startCommand(["serve", "--port", "0", ...args], { cwd })
  await running.writes(({ stdout }) => stdout.includes("\n"))
  const { stdout, stderr } = running.written()
  const [url] = /http:\/\/[^\s"]+/.exec(stdout) ?? []
  if (url === undefined) throw new Error(`It does not serve: ${stdout}${stderr}`)
  return { ...running, url }
}

const textOf = async (url: string): Promise<string> => (await fetch(url)).text()

describe("storages serve", () => {
  it("serves a storage below the path of its URLs, and ends with 0 by Ctrl-C", async () => {
    const { url, process, ended } = await served(["media"])
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/media\/$/)
    const answer = await fetch(`${url}avatars/me.txt`, { headers: { origin: "https://www.example.com" } })
    expect([answer.status, await answer.text()]).toEqual([200, "me"])
    expect(answer.headers.get("access-control-allow-origin")).toBeNull()
    expect((await fetch(`${url}nothing`)).status).toBe(404)
    process.kill("SIGINT")
    const { exitCode, stdout, stderr } = await ended
    expect([exitCode, stdout]).toEqual([0, `Serving media at ${url}\n`])
    expect(stderr).toMatch(/Stopped\.\n$/)
  })

  it("takes prefix and origins from the command line, and a directory of a storage", async () => {
    const cwd = appFolder(FILES)
    const media = await served(
      ["--prefix", "/m", "media", "--cors", "https://a.example", "--cors", "https://b.example"],
      cwd,
    )
    expect(media.url).toMatch(/\/m\/$/)
    const answer = await fetch(`${media.url}avatars/me.txt`, { headers: { origin: "https://b.example" } })
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://b.example")
    const avatars = await served(["media:avatars"], cwd)
    expect(await textOf(`${avatars.url}me.txt`)).toBe("me")
  })

  it("serves a folder without a configuration, and gives its address as JSON", async () => {
    const cwd = appFolder(FILES)
    const folder = await served(["./avatars", "--json"], `${cwd}/media`)
    const { url } = folder
    expect(JSON.parse(folder.written().stdout)).toEqual({ url })
    expect(await textOf(`${url}me.txt`)).toBe("me")
    expect(await textOf(`${(await served(["media/avatars"], cwd)).url}me.txt`)).toBe("me")
    const whole = await served([`file://${cwd}/media?baseUrl=/x/`], cwd)
    expect(await textOf(`${whole.url}avatars/me.txt`)).toBe("me")
  })

  it("shows the pages of a folder, with their scripts; those of a storage run none", async () => {
    const page = "<script>document.title = 1</script>"
    const cwd = appFolder({ ...FILES, "site/index.html": page, "media/page.html": page })
    const site = await fetch((await served(["./site"], cwd)).url)
    expect([site.status, await site.text(), site.headers.get("content-security-policy")]).toEqual([200, page, null])
    const media = await fetch(`${(await served(["media"], cwd)).url}page.html`)
    expect(media.headers.get("content-security-policy")).toBe("sandbox")
  })

  it("serves private storages to nobody, but to who has a signed URL, unless --public says so", async () => {
    const cwd = appFolder(FILES)
    for (const args of [["backup"], ["./backup", "--host", "0.0.0.0"]]) {
      const { exitCode, stdout, stderr } = await runCommand(["serve", "--port", "0", ...args], { cwd })
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
      expect(stderr).toMatch(/is private: it has no public address\. .*--public serves it all the same/)
    }
    const open = await served(["backup", "--public"], cwd)
    expect(await textOf(`${open.url}all.txt`)).toBe("secret")

    const letters = await served(["letters"], cwd)
    expect(letters.url).toMatch(/\/letters\/$/)
    expect((await fetch(`${letters.url}anna.txt`)).status).toBe(403)
    const signer = new LocalStorage(`${cwd}/letters`, { baseUrl: "/letters/", signingKeys: [KEY] })
    const signed = new URL(await signer.url("anna.txt"), letters.url).href
    expect(await textOf(signed)).toBe("Dear Anna")
    const everybody = await served(["letters", "--public"], cwd)
    expect(await textOf(`${everybody.url}anna.txt`)).toBe("Dear Anna")
  })

  it("writes a line for each request with --verbose, without signatures", async () => {
    const letters = await served(["letters", "--verbose"])
    await fetch(`${letters.url}anna.txt?signed=secret&x=1`)
    await letters.writes(({ stderr }) => stderr.includes("GET "))
    expect(letters.written().stderr).toMatch(/^GET \/letters\/anna\.txt\?signed=…&x=1 403 \d+ ms$/m)
  })

  it("serves the sources of the static files for development, and says how to use them", async () => {
    const sources = await served(["--static"])
    const { url, process, ended } = sources
    expect(url).toMatch(/\/static\/$/)
    const answer = await fetch(`${url}css/app.css`)
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, "*"])
    expect(answer.headers.get("cache-control")).toBe("no-cache")
    expect(await answer.text()).toContain("color: red")
    await sources.writes(({ stderr }) => stderr.includes("baseUrl"))
    expect(sources.written().stderr).toContain(`developmentStaticFiles({ baseUrl: "${url}" })`)
    process.kill("SIGTERM")
    expect((await ended).exitCode).toBe(0)
  })

  it("serves what was collected as it is meant to be: compressed, and for ever", async () => {
    const cwd = appFolder(FILES)
    const collected = await runCommand(["collectstatic", "--json"], { cwd })
    const { published } = JSON.parse(collected.stdout) as { published: { names: string[] } }
    const name = published.names.find((each) => /\.[\da-f]{12}\.css$/.test(each))!
    const { url } = await served(["static"], cwd)
    const { headers } = await fetch(`${url}${name}`, { headers: { "accept-encoding": "br" } })
    expect(headers.get("content-encoding")).toBe("br")
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
  })

  it("closes connections that are open when it is stopped, on a terminal too", async () => {
    const terminal = await startTerminal(["serve", "media", "--port", "0"], { cwd: appFolder(FILES) })
    await terminal.shows(/Serving media at http:\/\/127\.0\.0\.1:\d+/)
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(terminal.screen())![1])
    const idle = connect(port, "127.0.0.1")
    const closed = once(idle, "close")
    idle.on("error", () => undefined)
    await once(idle, "connect")
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(0)
    await closed
    expect(terminal.screen()).toContain("Stopped.")
  })

  it("tells that a port is in use, and what is no address of this machine", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const cwd = appFolder(FILES)
    const taken = await runCommand(["serve", "media", "--port", String(port)], { cwd })
    expect(taken).toMatchObject({ exitCode: 1, stdout: "" })
    expect(taken.stderr).toContain(`Port ${port} of 127.0.0.1 is in use by another program.`)
    const elsewhere = await runCommand(["serve", "media", "--port", "0", "--host", "192.0.2.1"], { cwd })
    expect(elsewhere.stderr).toContain("192.0.2.1 is no address of this machine.")
  })

  it.each([
    [[], "Which storage shall be served? Name one: media, static, letters, backup"],
    [["medai"], 'Is "media" meant?'],
    [["./nothing"], "./nothing is no folder"],
    [["media", "--port", "70000"], "It must be a whole number from 0 to 65535."],
    [["media", "--prefix", "m"], "--prefix m must be a path"],
    [["media", "--cors", "www.example.com"], "www.example.com"],
    [["media", "--static"], "serves the sources of the static files, and not media"],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stdout, stderr } = await runCommand(["serve", ...args], { cwd: appFolder(FILES) })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
    expect(stderr).toContain(message)
  })
})
