import { describe, expect, it } from "vitest"
import { developmentHandler } from "./development-handler.ts"

const contents: Readonly<Record<string, string>> = {
  "css/app v2.css": "a{}",
  "c#?.txt": "text",
  "data.bin2": "bytes",
  "js/app.js": "export {}",
}
const asked: string[] = []
const handle = developmentHandler({
  baseUrl: "https://dev.example.com/static files/",
  find: async (name) => {
    asked.push(name)
    const text = contents[name]
    return text === undefined ? undefined : { name, origin: name, read: async () => new TextEncoder().encode(text) }
  },
})
const get = (path: string, method = "GET") => handle(new Request(`http://localhost:3000${path}`, { method }))

describe("developmentHandler", () => {
  it.each([
    ["/static%20files/css/app%20v2.css", "a{}", "text/css; charset=utf-8"],
    ["/static%20files/c%23%3F.txt?v=1", "text", "text/plain; charset=utf-8"],
    ["/static%20files/data.bin2", "bytes", "application/octet-stream"],
    ["/static%20files/js/app.js", "export {}", "text/javascript; charset=utf-8"],
  ])("answers %s", async (path, text, type) => {
    const response = await get(path)
    expect(response?.status).toBe(200)
    expect(await response?.text()).toBe(text)
    expect(Object.fromEntries(response?.headers ?? [])).toEqual({
      "content-type": type,
      "content-length": String(text.length),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
  })

  it("answers HEAD with the headers alone", async () => {
    const response = await get("/static%20files/css/app%20v2.css", "HEAD")
    expect(response?.headers.get("content-length")).toBe("3")
    expect(response?.body).toBe(null)
  })

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("leaves %s to the app", async (method) => {
    expect(await get("/static%20files/css/app%20v2.css", method)).toBe(undefined)
  })

  it.each([
    "/",
    "/static%20files",
    "/static%20files/",
    "/static%20filesx/css/app%20v2.css",
    "/static%20files/nope.css",
  ])("leaves %s to the app", async (path) => {
    expect(await get(path)).toBe(undefined)
  })

  it.each([
    "/static%20files/../secret",
    "/static%20files/%2e%2e/secret",
    "/static%20files/a/%2e%2e/%2e%2e/%2e%2e/secret",
    "/static%20files/..%2fsecret",
    "/static%20files/css%2fapp%20v2.css",
    "/static%20files/..%5csecret",
    "/static%20files/%2fetc/passwd",
    "/static%20files//etc/passwd",
    "/static%20files/C:/secret",
    "/static%20files/a%00b",
    "/static%20files/%ff",
    "/static%20files/%",
  ])("never asks a source for %s", async (path) => {
    asked.length = 0
    expect(await get(path)).toBe(undefined)
    expect(asked).toEqual([])
  })
})
