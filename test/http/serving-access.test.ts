import { StorageError } from "@node-storages/core"
import type { ServeOptions } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { failing } from "./drivers.ts"
import { HANDLERS, serve } from "./served.ts"

const FILES = ["a.txt", "docs/index.html", "docs/b.txt", "index.html", ".env", ".well-known/acme/1", "x/.git/config"]

describe.each(HANDLERS)("what may be read, by %s", (_, handler) => {
  const site = async (options: Omit<ServeOptions<object>, "onError"> = {}, names: readonly string[] = FILES) => {
    const storage = new MemoryStorage()
    for (const name of names) await storage.write(name, `content of ${name}`)
    return { storage, ...(await serve(handler, storage, options)) }
  }
  type Ask = Awaited<ReturnType<typeof site>>["ask"]
  const statuses = async (ask: Ask, paths: readonly string[]) =>
    Object.fromEntries(await Promise.all(paths.map(async (path) => [path, (await ask(path)).status] as const)))

  it("a missing file is 404, which nobody keeps and which tells nothing", async () => {
    const { ask } = await site()
    const { status, headers, body, isWhole } = await ask("/missing.txt")
    expect([status, body.toString(), isWhole]).toEqual([404, "Not Found\n", true])
    expect(headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    // Where a file is there is no directory, and the other way round.
    expect(await statuses(ask, ["/a.txt/", "/a.txt/b", "/docs", "/docs/", "/"])).toEqual({
      "/a.txt/": 404,
      "/a.txt/b": 404,
      "/docs": 404,
      "/docs/": 404,
      "/": 404,
    })
  })

  it("other methods are 405 and told which there are", async () => {
    const { ask } = await site()
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
      const { status, headers } = await ask("/a.txt", {}, { method })
      expect([method, status, headers["allow"]]).toEqual([method, 405, "GET, HEAD, OPTIONS"])
    }
  })

  it("a path that is no URL is 400", async () => {
    const { ask } = await site()
    expect(await statuses(ask, ["/%", "/%zz", "/a%", "/%c0%ae", "/%ff", "/a%00.txt"])).toEqual({
      "/%": 400,
      "/%zz": 400,
      "/a%": 400,
      "/%c0%ae": 400,
      "/%ff": 400,
      "/a%00.txt": 400,
    })
  })

  it("names of any script are found by their URL, and the query does not matter", async () => {
    const names = ["Übersicht „neu“.txt", "日本/語.txt", "a b+c&d=e.txt", "100%.txt", "what?.txt", "#1.txt", "🙂.txt"]
    const { ask } = await site({}, names)
    for (const name of names) {
      const path = `/${name.split("/").map(encodeURIComponent).join("/")}`
      for (const url of [path, `${path}?v=1&signed=`, `${path}?a=%zz`]) {
        const { status, body } = await ask(url)
        expect([url, status, body.toString()]).toEqual([url, 200, `content of ${name}`])
      }
    }
    expect((await ask("/a%20b+c&d=e.txt")).status).toBe(200)
  })

  it("names with a dot in front are not there, but for .well-known", async () => {
    const paths = ["/.env", "/%2eenv", "/.well-known/acme/1", "/x/.git/config", "/x/%2Egit/config"]
    const hidden = await site()
    expect(Object.values(await statuses(hidden.ask, paths))).toEqual([404, 404, 200, 404, 404])
    const shown = await site({ dotfiles: true })
    expect(Object.values(await statuses(shown.ask, paths))).toEqual([200, 200, 200, 200, 200])
  })

  it("what the storage keeps for itself is never served", async () => {
    const { ask, storage } = await site({ dotfiles: true })
    await storage.write("m.txt", "x", { metadata: { secret: "s" } })
    for (const path of [
      "/.node-storages/",
      "/.node-storages/meta",
      "/%2enode-storages/tmp/x",
      "/./.node-storages/tmp",
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404])
    }
  })

  it("the prefix is the path below which files are, with or without a slash at its end", async () => {
    for (const prefix of ["/media/", "/media"]) {
      const { ask } = await site({ prefix })
      expect(await statuses(ask, ["/media/a.txt", "/a.txt", "/mediaa.txt", "/media", "/media//a.txt"])).toEqual({
        "/media/a.txt": 200,
        "/a.txt": 404,
        "/mediaa.txt": 404,
        "/media": 404,
        "/media//a.txt": 404,
      })
    }
  })

  it.each(["/", "/deep/er/"])(
    "an index is sent for a directory, and leads there from without a slash (%s)",
    async (prefix) => {
      const { ask, errors } = await site({ prefix, index: "index.html", trusted: true })
      for (const [path, name] of [
        ["", "index.html"],
        ["docs/", "docs/index.html"],
        ["docs/index.html", "docs/index.html"],
      ] as const) {
        const { status, body, headers } = await ask(prefix + path)
        expect([path, status, body.toString()]).toEqual([path, 200, `content of ${name}`])
        expect(headers["content-type"]).toBe("text/html; charset=utf-8")
      }
      const { status, headers, body } = await ask(`${prefix}docs?q=1`)
      expect([status, body.byteLength]).toEqual([301, 0])
      const target = new URL(headers["location"]!, `http://127.0.0.1${prefix}docs?q=1`)
      expect(target.pathname + target.search).toBe(`${prefix}docs/?q=1`)
      expect(await statuses(ask, [`${prefix}missing`, `${prefix}missing/`, `${prefix}a.txt/`])).toEqual({
        [`${prefix}missing`]: 404,
        [`${prefix}missing/`]: 404,
        [`${prefix}a.txt/`]: 404,
      })
      expect(errors).toEqual([])
    },
  )

  it("a redirect to an index never leads to another host", async () => {
    const { ask } = await site({ index: "index.html" }, ["evil.example/index.html", "http:/index.html"])
    for (const path of ["//evil.example", "/%2fevil.example", "/\\evil.example", "/http:", "/evil.example"]) {
      const { status, headers } = await ask(path)
      if (status !== 301) expect([400, 404]).toContain(status)
      else expect(new URL(headers["location"]!, `http://127.0.0.1${path}`).host).toBe("127.0.0.1")
    }
  })

  it("authorize lets through, refuses, or answers itself, and nothing of the file is told before", async () => {
    const asked: string[] = []
    const login = { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } }
    const verdicts: Record<string, () => unknown> = {
      "a.txt": () => true,
      "no.txt": () => false,
      "login.txt": () => Promise.resolve(login),
      "moved.txt": () => ({ status: 302, headers: { location: "/login" }, body: "this way" }),
      "empty.txt": () => ({ status: 204 }),
      "thrown.txt": () => {
        throw new Error("the database is down")
      },
      "nothing.txt": () => undefined,
      "truthy.txt": () => 1,
      "user.txt": () => ({ id: 7 }),
      "odd.txt": () => ({ status: 99 }),
      "split.txt": () => ({ status: 401, headers: { "x-a": "b\r\nset-cookie: c" } }),
    }
    const { ask, storage, errors } = await site({
      authorize: (_request, name) => {
        asked.push(name)
        return (verdicts[name]?.() ?? undefined) as boolean
      },
    })
    for (const name of Object.keys(verdicts)) await storage.write(name, "secret")
    const ok = await ask("/a.txt")
    expect([ok.status, ok.body.toString(), ok.headers["cache-control"]]).toEqual([200, "secret", "private, no-cache"])
    const expected = { "no.txt": 403, "login.txt": 401, "moved.txt": 302, "empty.txt": 204 }
    for (const [name, status] of Object.entries(expected)) {
      const answer = await ask(`/${name}`)
      expect([name, answer.status, answer.headers["etag"]]).toEqual([name, status, undefined])
    }
    expect((await ask("/login.txt")).headers).toMatchObject({
      "www-authenticate": 'Basic realm="x"',
      "cache-control": "no-store",
    })
    const moved = await ask("/moved.txt")
    expect([moved.headers["location"], moved.body.toString()]).toEqual(["/login", "this way\n"])
    expect(errors).toEqual([])
    for (const name of ["thrown", "nothing", "truthy", "user", "odd", "split"]) {
      const { status, headers, body } = await ask(`/${name}.txt`)
      expect([name, status, headers["set-cookie"], body.toString()]).toEqual([
        name,
        500,
        undefined,
        "Internal Server Error\n",
      ])
    }
    expect(errors).toHaveLength(6)
    asked.length = 0
    await ask("/a%2etxt")
    await ask("/docs/", {}, { method: "HEAD" })
    expect(asked).toEqual(["a.txt", "docs/"])
  })

  it("who is refused can't tell which files there are, nor their versions", async () => {
    const { ask } = await site({ authorize: () => false, index: "index.html" })
    const { status, headers, body } = await ask("/missing.txt")
    for (const path of ["/a.txt", "/docs", "/docs/", "/.env"]) {
      for (const more of [{}, { range: "bytes=0-" }, { "if-none-match": "*" }, { "if-match": '"x"' }]) {
        const answer = await ask(path, more)
        expect([path, answer.status, answer.body.toString()]).toEqual([path, status, body.toString()])
        expect({ ...answer.headers, date: "" }).toEqual({ ...headers, date: "" })
      }
    }
  })

  it("a storage that refuses is no 404", async () => {
    const refused = failing("get", () => new StorageError("permission-denied", "the bucket's policy"))
    const { ask, errors } = await serve(handler, new MemoryStorage().with(refused))
    const { status, body } = await ask("/a.txt")
    expect([status, body.toString(), errors.length]).toEqual([502, "Bad Gateway\n", 1])
  })
})
