import { inspect } from "node:util"
import { retry } from "@node-storages/core"
import type { SftpServer } from "../../../../test/servers/sshd.ts"
import { useFaultProxy } from "../../../../test/servers/use-fault-proxy.ts"
import ssh2 from "ssh2"
import { SftpStorage, type SftpStorageOptions } from "storages-sftp"
import { describe, expect, it, onTestFinished } from "vitest"
import { access, describeOnOpenSsh, failureOf, newRoot, startProcess } from "./support.ts"
import { MEBIBYTE, numbered } from "./task.ts"
import { keyPair } from "./key-pair.ts"

const PASSWORD = "a wrong password, and a secret one"
const other = keyPair({ passphrase: "open it", cipher: "aes256-ctr", rounds: 4 })

await describeOnOpenSsh("a connection to OpenSSH", (server) => {
  function make(options: Partial<SftpStorageOptions> = {}): SftpStorage {
    const storage = new SftpStorage(newRoot(server), { ...access(server), ...options })
    onTestFinished(() => storage.close())
    return storage
  }

  describe("to a server", () => {
    it("is made where the server shows the key that is known, by its fingerprint too", async () => {
      const key = ssh2.utils.parseKey(server.hostKey)
      if (key instanceof Error) throw key
      const print = Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(key.getPublicSSH())))
      const hostKey = `SHA256:${print.toString("base64").replace(/=+$/, "")}`
      expect(await make({ hostKey }).exists("a.txt")).toBe(false)
      expect(await make({ hostKey: [other.public, server.hostKey] }).exists("a.txt")).toBe(false)
      expect(await make({ hostKey: undefined, anyHostKey: true }).exists("a.txt")).toBe(false)
    })

    it("is refused where it shows another key, and gets no password", async () => {
      const storage = make({ hostKey: other.public, privateKey: undefined, password: PASSWORD })
      const error = await failureOf(storage.write("a.txt", "x"))
      expect([error.code, error.retryable]).toEqual(["unauthenticated", false])
      expect(error.message).toMatch(
        /showed the host key SHA256:.{43}, and hostKey knows only SHA256:.{43}\. Nothing was sent/,
      )
      expect(inspect(error, { depth: 9 })).not.toContain(PASSWORD)
    })
  })

  describe("that is refused", () => {
    it("for a wrong password or key is unauthenticated, and not retried", async () => {
      for (const login of [{ password: PASSWORD }, { privateKey: other.private, passphrase: "open it" }]) {
        const error = await failureOf(make({ privateKey: undefined, ...login }).exists("a.txt"))
        expect([error.code, error.retryable]).toEqual(["unauthenticated", false])
      }
    })

    it("for a key file that is missing or encrypted tells the option", async () => {
      const missing = make({ privateKey: undefined, privateKeyFile: "/no/such/key" })
      expect((await failureOf(missing.exists("a.txt"))).message).toMatch(/privateKeyFile can't be read: ENOENT/)
    })

    it("because nobody listens is a network error, and can be retried", async () => {
      const error = await failureOf(make({ port: 1 }).list().next())
      expect([error.code, error.retryable]).toEqual(["network", true])
    })
  })

  it("logs in by a key file, which is read when it is needed", async () => {
    const { privateKeyFile } = server
    expect(await make({ privateKey: undefined, privateKeyFile }).exists("a.txt")).toBe(false)
  })

  it("shows no secret when its storage, driver and errors are printed", async () => {
    const secrets = [PASSWORD, "open it", server.privateKey.split("\n")[2]!, other.private.split("\n")[2]!]
    const storages = [make({ password: PASSWORD }), make({ privateKey: other.private, passphrase: "open it" })]
    for (const storage of storages) {
      const error = await storage.stat("a.txt").catch((reason: unknown) => reason)
      const shown = [storage, storage.driver, error].flatMap((each) => [
        inspect(each, { depth: 9, showHidden: true }),
        JSON.stringify(each),
        String(each),
      ])
      for (const secret of secrets) expect(shown.join("\n")).not.toContain(secret)
    }
  })

  it("does not keep a process alive that is done", async () => {
    const { result } = startProcess({ root: newRoot(server), options: access(server), task: "idle", id: "" })
    expect(await result).toBe(1)
  })

  it("that was closed is made again when it is needed", async () => {
    const storage = make()
    await storage.write("a.txt", "x")
    await storage.close()
    await storage.close()
    expect(await storage.open("a.txt").text()).toBe("x")
  })

  describe("through a bad network", () => inBadNetwork(server))
})

function inBadNetwork(server: SftpServer): void {
  const proxy = useFaultProxy(() => `http://${server.host}:${server.port}`)
  function make(options: Partial<SftpStorageOptions> = {}): SftpStorage {
    const { host, port } = proxy()
    const storage = new SftpStorage(newRoot(server), { ...access(server), host, port, ...options })
    onTestFinished(() => storage.close())
    return storage
  }

  it("that is cut in the middle of an upload leaves nothing under the name, and is made again", async () => {
    const storage = make()
    await storage.write("old.bin", "old")
    proxy().resetAfter({ up: 3 * MEBIBYTE, times: 1 })
    const error = await failureOf(storage.write("new.bin", numbered(10 * MEBIBYTE)))
    expect([error.code, error.retryable]).toEqual(["network", true])
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["old.bin"])
    expect(proxy().counts().connections).toBe(2)
    await storage.write("new.bin", numbered(MEBIBYTE))
    expect((await storage.stat("new.bin")).size).toBe(MEBIBYTE)
    expect(await storage.sweep({ olderThan: 0 })).toBe(1)
  })

  it("that is cut in the middle of a file ends its reader with an error", async () => {
    const storage = make()
    await storage.write("a.bin", numbered(8 * MEBIBYTE))
    proxy().resetAfter({ down: 3 * MEBIBYTE, times: 1 })
    expect((await failureOf(storage.open("a.bin").bytes())).code).toBe("network")
    expect((await storage.open("a.bin").bytes()).byteLength).toBe(8 * MEBIBYTE)
  })

  it("that is cut is made again by the retry layer", async () => {
    const storage = make().with(retry({ delay: 0.01 }))
    await storage.write("a.txt", "x")
    proxy().resetAfter({ up: 0, times: 1 })
    expect(await storage.open("a.txt").text()).toBe("x")
  })

  it("on which nothing moves is given up in time, and works again", async () => {
    const storage = make()
    await storage.write("a.txt", "x")
    proxy().freeze()
    const started = performance.now()
    const calls = [
      storage.write("b.bin", numbered(MEBIBYTE), { timeout: 0.3 }),
      storage.stat("a.txt", { timeout: 0.3 }),
      storage.list("", { timeout: 0.3 }).next(),
    ]
    const errors = await Promise.all(calls.map(failureOf))
    expect(errors.map(({ code }) => code)).toEqual(["timeout", "timeout", "timeout"])
    // Long before the server counts as silent, which is after a minute.
    expect(performance.now() - started).toBeLessThan(30_000)
    proxy().clear()
    expect(await storage.open("a.txt").text()).toBe("x")
    expect(await storage.exists("b.bin")).toBe(false)
  })

  it("on which the server is silent for too long counts as lost, and is made again", async () => {
    const [patient, impatient] = [make({ answerTimeout: "5m" }), make({ answerTimeout: "5s" })]
    for (const storage of [patient, impatient]) await storage.write("a.txt", "x")
    proxy().freeze()
    // Asked first, and still waiting when the other one is told: it is the option that decides.
    const waiting = patient.stat("a.txt").catch((error: unknown) => error)
    const lost = failureOf(impatient.stat("a.txt"))
    const message = expect.stringMatching(/the connection failed.*no answer for 5 s/) as string
    expect(await Promise.race([waiting, lost])).toMatchObject({ message })
    proxy().clear()
    expect(await impatient.open("a.txt").text()).toBe("x")
    expect(proxy().counts().connections).toBe(3)
  })
}
