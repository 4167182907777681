import { once } from "node:events"
import type { AddressInfo } from "node:net"
import ssh2, { type AuthContext, type SFTPWrapper } from "ssh2"
import { SftpStorage, type SftpStorageOptions } from "storages-sftp"
import { describe, expect, it, onTestFinished } from "vitest"
import { failureOf } from "./support.ts"
import { keyPair } from "./key-pair.ts"

const PASSWORD = "the right one"
const hostKey = keyPair()
const MISSING = ssh2.utils.sftp.STATUS_CODE.NO_SUCH_FILE

/** A server that is not OpenSSH: it speaks SFTP 3 without extensions, and has no file at all. */
async function startServer(
  log: (context: AuthContext) => void,
): Promise<{ options: SftpStorageOptions; asked: string[] }> {
  const asked: string[] = []
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on("error", () => {}).on("authentication", log)
    client.on("session", (accept) => {
      accept().on("sftp", (acceptSftp) => answer(acceptSftp(), asked))
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { options: { host: "127.0.0.1", port, username: "media", hostKey: hostKey.public }, asked }
}

function answer(sftp: SFTPWrapper, asked: string[]): void {
  sftp.on("STAT", (id, path) => {
    asked.push(path)
    sftp.status(id, MISSING)
  })
}

function make(options: SftpStorageOptions): SftpStorage {
  const storage = new SftpStorage("/media", options)
  onTestFinished(() => storage.close())
  return storage
}

describe("a password", () => {
  it("is what a server is given that takes one", async () => {
    const { options, asked } = await startServer((context) => {
      if (context.method === "password" && context.password === PASSWORD) context.accept()
      else context.reject(["password"])
    })
    expect(await make({ ...options, password: PASSWORD }).exists("a.txt")).toBe(false)
    expect(asked).toEqual(["/media/a.txt"])
    expect((await failureOf(make({ ...options, password: "wrong" }).exists("a.txt"))).code).toBe("unauthenticated")
  })

  it("answers the one hidden question of a server that asks, and no other", async () => {
    const answers: string[][] = []
    const asking = (prompts: { prompt: string; echo: boolean }[]) => (context: AuthContext) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"])
      context.prompt(prompts, (given) => {
        answers.push(given)
        if (given[0] === PASSWORD) context.accept()
        else context.reject()
      })
    }
    const hidden = await startServer(asking([{ prompt: "Password: ", echo: false }]))
    expect(await make({ ...hidden.options, password: PASSWORD }).exists("a.txt")).toBe(false)
    const shown = await startServer(asking([{ prompt: "Your favourite colour: ", echo: true }]))
    expect((await failureOf(make({ ...shown.options, password: PASSWORD }).exists("a.txt"))).code).toBe(
      "unauthenticated",
    )
    expect(answers).toEqual([[PASSWORD], []])
  })
})

describe("a server without OpenSSH's extensions", () => {
  it("is not written to in a way that is not safe", async () => {
    const { options } = await startServer((context) => context.accept())
    const storage = make({ ...options, password: PASSWORD })
    const created = await failureOf(storage.save("a.txt", "x"))
    expect([created.code, created.message]).toEqual(["unsupported", expect.stringContaining("hardlink@openssh.com")])
    const replaced = await failureOf(storage.write("a.txt", "x"))
    expect([replaced.code, replaced.message]).toEqual([
      "unsupported",
      expect.stringContaining("posix-rename@openssh.com"),
    ])
  })
})
