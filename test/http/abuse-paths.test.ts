import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it } from "vitest"
import { rawRequest } from "./raw-client.ts"
import { expectNoUnhandledRejections, HANDLERS, type Serve, serve, temporaryFolder } from "./served.ts"

const SECRET = "the secret beside the folder"

/** Two dots, in the ways in which somebody may write them. */
const DOTS = [
  "..",
  "%2e%2e",
  "%2E%2E",
  ".%2e",
  "%2e.",
  "%252e%252e",
  "%25252e%25252e",
  // Overlong UTF-8, surrogates, and other characters that look like dots.
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "%f0%80%80%ae%f0%80%80%ae",
  "%uff0e%uff0e",
  "%ef%bc%8e%ef%bc%8e",
  "%e2%80%a5",
  "..%00",
  "..%20",
  "..;",
  "...",
  "..%09",
  "..%0d%0a",
  "%2e%2e%3b",
]
const SLASHES = [
  "/",
  "%2f",
  "%2F",
  "\\",
  "%5c",
  "%5C",
  "%252f",
  "%255c",
  "//",
  "/./",
  "%c0%af",
  "%e2%88%95",
  "%ef%bc%8f",
  "/%00/",
]

const ODD = [
  "/\\",
  "/%5c",
  "/a%00",
  "/a.txt%00.png",
  "/%00",
  "/%01",
  "/%7f",
  "/%80",
  "/a%0d%0aset-cookie:%20x=1",
  "/%ed%a0%80",
  "/%ef%bf%bf/a",
  "/C:/a.txt",
  "/C:%5ca.txt",
  "/c%3a/a.txt",
  "//a.txt",
  "/a.txt//",
  "/folder//b.txt",
  "/folder/./b.txt",
  "/./a.txt",
  "/a.txt/.",
  "/~root",
  "/a.txt::$DATA",
  "/%",
  "/%2",
  "/%g0",
  "/a.txt%",
  `/${"a/".repeat(3000)}b`,
  `/${"a".repeat(300)}`,
  `/${"a".repeat(8000)}`,
  `/${"%f0%9f%99%82".repeat(100)}`,
  `/a.txt?${"x=1&".repeat(3000)}`,
]

async function siteOf(handler: Serve) {
  expectNoUnhandledRejections()
  const outside = await temporaryFolder()
  const root = join(outside, "root")
  await mkdir(join(root, "folder"), { recursive: true })
  await writeFile(join(outside, "secret.txt"), SECRET)
  await writeFile(join(root, "a.txt"), "a")
  await writeFile(join(root, "folder/b.txt"), "b")
  const storage = new LocalStorage(root)
  return { root, storage, ...(await serve(handler, storage, { dotfiles: true, index: "index.html" })) }
}

describe.each(HANDLERS)("paths that lead elsewhere, by %s", (_, handler) => {
  const site = () => siteOf(handler)

  it("nothing outside of the folder is reached, however it is written", async () => {
    const { ask, errors } = await site()
    const answers = new Map<number, number>()
    for (const dots of DOTS) {
      for (const slash of SLASHES) {
        for (const path of [`/${dots}${slash}secret.txt`, `/folder/${dots}${slash}${dots}${slash}secret.txt`]) {
          const { status, body } = await ask(path)
          expect([path, body.toString().includes(SECRET)]).toEqual([path, false])
          expect([path, status < 500 && status !== 200]).toEqual([path, true])
          answers.set(status, (answers.get(status) ?? 0) + 1)
        }
      }
    }
    expect(new Set(answers.keys())).toEqual(new Set([400, 404]))
    expect(errors).toEqual([])
    expect((await ask("/folder/b.txt")).status).toBe(200)
  })

  it.each(["GET", "HEAD", "OPTIONS", "PUT"])(
    "%s of a path that is none is answered, and breaks nothing",
    async (method) => {
      const { ask, errors } = await site()
      for (const path of ODD) {
        const { status, headers } = await ask(path, {}, { method })
        const allowed = method === "OPTIONS" ? [204, 400] : [200, 301, 400, 404, 405]
        expect([path, status, allowed.includes(status)]).toEqual([path, status, true])
        expect([path, headers["set-cookie"]]).toEqual([path, undefined])
      }
      expect(errors).toEqual([])
      expect((await ask("/a.txt")).status).toBe(200)
    },
  )

  it("a link that leads out of the folder is refused", async () => {
    const { ask, root } = await site()
    await symlink("../secret.txt", join(root, "link.txt"))
    await symlink("..", join(root, "up"))
    for (const path of ["/link.txt", "/up/secret.txt"]) {
      const { status, body } = await ask(path)
      expect([path, status >= 400, body.toString().includes(SECRET)]).toEqual([path, true, false])
    }
  })
})

describe("an absolute URL, by nodeHandler", () => {
  it("is a path as well, whatever host it names", async () => {
    const { port } = await siteOf(HANDLERS[0]![1])
    for (const origin of ["http://127.0.0.1", "https://evil.example:8080", "HTTP://x", "http://user:secret@host"]) {
      const ok = await rawRequest(port, `${origin}/folder/b.txt?x=1#y`)
      expect([origin, ok.status, ok.body.toString()]).toEqual([origin, 200, "b"])
      const refused = await rawRequest(port, `${origin}/%2e%2e%2fsecret.txt`)
      expect([origin, refused.status]).toEqual([origin, 404])
    }
    for (const target of [
      "*",
      "a.txt",
      "http://",
      "http:///a.txt",
      "://",
      "?",
      "#",
      "file:///etc/passwd",
      "127.0.0.1:80",
    ]) {
      const { status, body } = await rawRequest(port, target)
      expect([target, status === 200 && target !== "http:///a.txt", body.includes("root:")]).toEqual([
        target,
        false,
        false,
      ])
    }
  })
})
