import { MemoryStorage } from "@node-storages/memory"
import {
  type DirectUpload,
  directUploadHandler,
  type DirectUploadHandlerOptions,
  directUploadNodeHandler,
  directUploads,
  type UploadedFile,
} from "@node-storages/uploads"
import express from "express"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { MEMORY } from "./backend.ts"
import { picture } from "./pictures.ts"
import { KEYS, listen, sendSigned } from "./site.ts"

const JSON_TYPE = { "content-type": "application/json" }
const POLICIES = { avatar: { types: ["image/*"], maxSize: "1 MB" } } as const
const CREATE = { action: "create", policy: "avatar", name: "a.png", size: 10 }

async function uploadsToMemory() {
  const { storage } = await MEMORY.create()
  return directUploads({ storage, keys: KEYS, policies: POLICIES })
}

async function handlerFor(options: Partial<DirectUploadHandlerOptions> = {}) {
  const errors: unknown[] = []
  const handle = directUploadHandler(await uploadsToMemory(), {
    authorize: () => true,
    onError: (error) => void errors.push(error),
    ...options,
  })
  return {
    errors,
    ask: async (message: unknown, headers: Record<string, string> = JSON_TYPE, method = "POST") => {
      const body = typeof message === "string" || method !== "POST" ? (message as string) : JSON.stringify(message)
      const request = new Request("https://app.example.com/uploads", {
        method,
        headers,
        ...(method === "POST" && { body }),
      })
      const response = await handle(request)
      const text = await response.text()
      const answer = text === "" ? undefined : (JSON.parse(text) as { error?: { code: string } } & DirectUpload)
      return { status: response.status, headers: response.headers, code: answer?.error?.code, answer }
    },
  }
}

describe("the handler of direct uploads", () => {
  test("takes POST only", async () => {
    const { ask } = await handlerFor()
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
      const { headers, status } = await ask(undefined, {}, method)
      expect([method, status, headers.get("allow")]).toEqual([method, 405, "POST"])
    }
  })

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", undefined])(
    "takes nothing that a form of another site can send without being asked: %s",
    async (type) => {
      const { ask } = await handlerFor()
      const { code, status } = await ask(JSON.stringify(CREATE), type === undefined ? {} : { "content-type": type })
      expect([status, code]).toEqual([400, "malformed-request"])
    },
  )

  test("refuses what browsers say comes from another site", async () => {
    const { ask } = await handlerFor()
    const { code, status } = await ask(CREATE, { ...JSON_TYPE, "sec-fetch-site": "cross-site" })
    expect([status, code]).toEqual([403, "forbidden"])
    for (const site of ["same-origin", "same-site", "none"]) {
      expect((await ask(CREATE, { ...JSON_TYPE, "sec-fetch-site": site })).status).toBe(200)
    }
  })

  test("lets in pages of the origins that it is told, and no others", async () => {
    const { ask } = await handlerFor({ allowOrigins: ["https://www.example.com"] })
    const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "content-type" }
    const asked = await ask(undefined, { ...preflight, origin: "https://www.example.com" }, "OPTIONS")
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      "access-control-allow-origin": "https://www.example.com",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type",
      vary: "origin",
    })
    const cross = { ...JSON_TYPE, "sec-fetch-site": "cross-site" }
    expect((await ask(CREATE, { ...cross, origin: "https://www.example.com" })).status).toBe(200)
    const other = await ask(CREATE, { ...cross, origin: "https://evil.example.com" })
    expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([403, null])
    const refused = await ask(undefined, { ...preflight, origin: "https://evil.example.com" }, "OPTIONS")
    expect(refused.headers.get("access-control-allow-origin")).toBeNull()
  })

  test.each([
    ["", "malformed-request"],
    ["{", "malformed-request"],
    ["null", "malformed-request"],
    ["[]", "malformed-request"],
    ['"create"', "malformed-request"],
    [{}, "malformed-request"],
    [{ action: "delete", token: "x" }, "malformed-request"],
    [{ action: "complete" }, "malformed-request"],
    [{ action: "complete", token: 5 }, "malformed-request"],
    [{ action: "complete", token: "x" }, "invalid-token"],
    [{ ...CREATE, policy: "other" }, "unknown-policy"],
    [{ ...CREATE, policy: "constructor" }, "unknown-policy"],
    [{ ...CREATE, policy: undefined }, "unknown-policy"],
    [{ ...CREATE, name: undefined }, "malformed-request"],
    [{ ...CREATE, size: undefined }, "malformed-request"],
    [{ ...CREATE, size: -1 }, "malformed-request"],
    [{ ...CREATE, size: 1.5 }, "malformed-request"],
    [{ ...CREATE, size: "10" }, "malformed-request"],
    [{ ...CREATE, size: 1e300 }, "malformed-request"],
    [{ ...CREATE, type: 5 }, "malformed-request"],
    [{ ...CREATE, sha256: "abc" }, "malformed-request"],
    [{ ...CREATE, name: "a.svg" }, "type-not-allowed"],
  ])("refuses %j as %s", async (message, expected) => {
    const { ask, errors } = await handlerFor()
    const { code, status } = await ask(message)
    expect(code).toBe(expected)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(errors).toEqual([])
  })

  test("refuses names that are longer than any", async () => {
    const { ask } = await handlerFor()
    expect(await ask({ ...CREATE, name: `${"a".repeat(1000)}.png` })).toMatchObject({ code: "malformed-request" })
    expect(await ask({ ...CREATE, name: `${"a".repeat(900)}.png` })).toMatchObject({ status: 200 })
  })

  test("reads no more than 64 KiB", async () => {
    const { ask } = await handlerFor()
    const { code, status } = await ask({ ...CREATE, more: "a".repeat(70_000) })
    expect([status, code]).toEqual([413, "total-too-large"])
  })

  test("the owner is who authorize says, whatever the client says", async () => {
    const asked: unknown[] = []
    const { ask } = await handlerFor({
      authorize: ({ headers }, what) => {
        asked.push(what)
        return headers.get("x-user") ?? false
      },
    })
    expect(await ask(CREATE)).toMatchObject({ status: 403, code: "forbidden" })
    const { answer } = await ask({ ...CREATE, owner: "berta" }, { ...JSON_TYPE, "x-user": "anna" })
    const { token } = answer!
    expect(await ask({ action: "resume", token }, { ...JSON_TYPE, "x-user": "berta" })).toMatchObject({ status: 403 })
    expect(await ask({ action: "resume", token }, { ...JSON_TYPE, "x-user": "anna" })).toMatchObject({ status: 200 })
    expect(asked).toEqual([
      { action: "create", policy: "avatar" },
      { action: "create", policy: "avatar" },
      { action: "resume", policy: undefined },
      { action: "resume", policy: undefined },
    ])
  })

  test.each([false, undefined, "", null, 0, 5, {}])("nobody uploads where authorize answers %j", async (verdict) => {
    const { ask } = await handlerFor({ authorize: () => verdict as boolean })
    expect(await ask(CREATE)).toMatchObject({ status: 403, code: "forbidden" })
  })

  test("answers are not kept by any cache, and tell nothing of what is sealed", async () => {
    const { ask } = await handlerFor()
    const { answer, headers } = await ask(CREATE)
    expect(headers.get("cache-control")).toBe("no-store")
    const sealed = Buffer.from(answer!.token, "base64url").toString("latin1")
    expect(sealed).not.toMatch(/avatar|png|pending/)
  })

  test("what goes wrong inside is told to onError and not to the client", async () => {
    const storage = new MemoryStorage()
    const errors: unknown[] = []
    const handle = directUploadHandler(directUploads({ storage, keys: KEYS, policies: POLICIES }), {
      authorize: () => true,
      onError: (error) => void errors.push(error),
    })
    const body = JSON.stringify(CREATE)
    const response = await handle(new Request("http://a/", { method: "POST", headers: JSON_TYPE, body }))
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: { code: "internal", message: "The server could not do it." } })
    expect(errors).toMatchObject([{ code: "unsupported" }])
  })

  test("an onError that throws does not reject the handler", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {})
    onTestFinished(() => printed.mockRestore())
    const handle = directUploadHandler(
      directUploads({ storage: new MemoryStorage(), keys: KEYS, policies: POLICIES }),
      {
        authorize: () => true,
        onError: () => {
          throw new Error("the log is full")
        },
      },
    )
    const body = JSON.stringify(CREATE)
    expect((await handle(new Request("http://a/", { method: "POST", headers: JSON_TYPE, body }))).status).toBe(500)
    expect(printed.mock.calls).toEqual([[new Error("the log is full")]])
  })

  test("an onComplete that throws is a 500, and is called again when the upload is completed again", async () => {
    let calls = 0
    const { ask, errors } = await handlerFor({
      onComplete: ({ name }) => {
        if (++calls === 1) throw new Error("the database is down")
        return { saved: name }
      },
    })
    const bytes = picture()
    const { answer } = await ask({ ...CREATE, size: bytes.byteLength })
    expect(await sendSigned(answer!.request!, bytes)).toBe(200)
    const { token } = answer!
    expect((await ask({ action: "complete", token })).status).toBe(500)
    expect(errors).toMatchObject([{ message: "the database is down" }])
    const { answer: completed, status } = await ask({ action: "complete", token })
    const { data, name } = completed as unknown as UploadedFile
    expect([status, data]).toEqual([200, { saved: name }])
  })

  test("in Express, also behind express.json()", async () => {
    const uploads = await uploadsToMemory()
    const app = express()
    app.use("/plain", directUploadNodeHandler(uploads, { authorize: () => true }))
    app.use("/parsed", express.json(), directUploadNodeHandler(uploads, { authorize: () => true }))
    const origin = await listen(app)
    for (const path of ["/plain", "/parsed"]) {
      const body = JSON.stringify(CREATE)
      const response = await fetch(origin + path, { method: "POST", headers: JSON_TYPE, body })
      expect([path, response.status]).toEqual([path, 200])
      expect(await response.json()).toMatchObject({ size: 10, request: { method: "PUT" } })
    }
  })

  test.each<[options: object, message: string]>([
    [{}, "authorize must be a function"],
    [{ authorize: true }, "authorize must be a function"],
    [{ authorize: () => true, allowOrigins: ["https://a.example/"] }, "is no origin"],
    [{ authorize: () => true, allowOrigns: [] }, 'Did you mean "allowOrigins"?'],
  ])("refuses the options %j", async (options, message) => {
    const uploads = await uploadsToMemory()
    const make = () => directUploadHandler(uploads, options as unknown as DirectUploadHandlerOptions)
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ code: "invalid-option" }))
  })
})
