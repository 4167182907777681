import { storageFromUrl } from "@node-storages/core"
import { SftpStorage } from "storages-sftp"
import { describe, expect, it } from "vitest"
import { keyPair } from "./key-pair.ts"

const PRINT = `SHA256:${"A+/b".repeat(11).slice(0, 43)}`
const login = { host: "sftp.example.com", username: "media", password: "a secret", hostKey: PRINT }
const keys = keyPair()

/** What the constructor says against the options. */
function refusal(options: object, root = "/srv/media"): string {
  try {
    expect(new SftpStorage(root, { ...login, ...options })).toBeUndefined()
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid-option" })
    return (error as Error).message
  }
  throw new Error("It was taken.")
}

describe("the constructor", () => {
  it("tells where a storage points at, without secrets", () => {
    const target = (root: string, options: object = {}) => new SftpStorage(root, { ...login, ...options }).driver.target
    expect(target("/srv/media/")).toBe("sftp://media@sftp.example.com/srv/media")
    expect(target("/", { port: 2222 })).toBe("sftp://media@sftp.example.com:2222/")
    expect(target("media", { host: "::1" })).toBe("sftp://media@[::1]/~/media")
  })

  it("refuses to connect to just anybody", () => {
    expect(refusal({ hostKey: undefined })).toMatch(/hostKey is missing: without it nobody could tell the server/)
    expect(refusal({ anyHostKey: true })).toMatch(/hostKey and anyHostKey contradict/)
    expect(refusal({ hostKey: "MD5:00:11" })).toMatch(/"MD5:00:11" is no fingerprint or public key/)
    expect(refusal({ hostKey: [] })).toMatch(/must be a text or a list/)
    const shown = refusal({ hostKey: keys.private })
    expect(shown).toMatch(/a private key is no fingerprint/)
    expect(shown).not.toContain(keys.private.split("\n")[2])
  })

  it("refuses to log in with nothing, or with what contradicts itself", () => {
    expect(refusal({ password: undefined })).toMatch(/nothing to log in with; set privateKeyFile/)
    expect(refusal({ privateKey: keys.private, privateKeyFile: "key" })).toMatch(/contradict/)
    expect(refusal({ passphrase: "p" })).toMatch(/passphrase opens a private key, and there is none/)
    expect(refusal({ privateKey: keys.public })).toMatch(/privateKey is a public key/)
  })

  it("shows nothing of a private key that can't be read", () => {
    const message = refusal({ privateKey: "-----BEGIN SECRET-----\nabcdef" })
    expect(message).toMatch(/privateKey can't be read as a private key/)
    expect(message).not.toContain("abcdef")
  })

  it("refuses roots, numbers and names that are wrong, and tells the right ones", () => {
    expect(refusal({}, "")).toMatch(/the root must be a path on the server/)
    expect(refusal({}, "../media")).toMatch(/leads out of the folder of the login/)
    expect(refusal({ port: 0 })).toMatch(/port must be a whole number from 1 to 65535/)
    expect(refusal({ fileMode: 0o10000 })).toMatch(/fileMode must be a whole number/)
    expect(refusal({ location: ".storages-sftp/x" })).toMatch(/files in the making/)
    expect(refusal({ passwd: "x" })).toMatch(/no option "passwd". Did you mean "password"/)
    expect(refusal({ host: "" })).toMatch(/host must be a text/)
  })
})

describe("a storage URL", () => {
  const url = (rest: string) => storageFromUrl(rest) as SftpStorage

  it("gives host, port, user, root and options, and a fingerprint with its plus signs", () => {
    const storage = url(
      `sftp://media:a%20secret@sftp.example.com:2222/srv/media?hostKey=${PRINT}&fileMode=644&location=a`,
    )
    expect(storage).toBeInstanceOf(SftpStorage)
    expect(storage.driver.target).toBe("sftp://media@sftp.example.com:2222/srv/media/a")
    expect(url(`sftp://me:x@[::1]/~/media?hostKey=${encodeURIComponent(PRINT)}`).driver.target).toBe(
      "sftp://me@[::1]/~/media",
    )
    expect(url("sftp://me:x@host/~/?anyHostKey=true").driver.target).toBe("sftp://me@host/~/.")
  })

  it("with a wrong parameter is refused, and shows no password", () => {
    const wrong = (text: string) => {
      try {
        url(text)
      } catch (error) {
        expect(String(error)).not.toContain("secret")
        return (error as Error).message
      }
      return "taken"
    }
    expect(wrong("sftp://media:secret@host/x?hostkey=a")).toMatch(/no parameter "hostkey". Did you mean "hostKey"/)
    expect(wrong(`sftp://media:secret@host/x?hostKey=${PRINT}&fileMode=9`)).toMatch(/must be octal/)
    expect(wrong("sftp://media:secret@host/x")).toMatch(/hostKey is missing/)
    expect(wrong(`sftp://host/x?hostKey=${PRINT}`)).toMatch(/username must be a text/)
    expect(wrong(`sftp://media:%zz@host/x?hostKey=${PRINT}`)).toMatch(/a % in the URL must be followed/)
  })
})
