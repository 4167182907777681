import { describe, expect, it } from "vitest"
import { developmentStaticFiles } from "./development.ts"

const known = new Map([
  ["css/app.css", "css/app.css"],
  ["c#.css", "c#.css"],
  ["js/main.js", "js/main.js"],
  ["src/main.ts", "js/main.js"],
])
const resolve = (name: string) => known.get(name)
const index = { known: resolve, resolve, names: () => known.keys() }

describe("developmentStaticFiles", () => {
  const files = developmentStaticFiles({ baseUrl: "/static", index })

  it.each([
    ["css/app.css", "/static/css/app.css"],
    ["css/app.css?v=1#x", "/static/css/app.css?v=1#x"],
    ["c#.css", "/static/c%23.css"],
    ["src/main.ts", "/static/js/main.js"],
    ["img/", "/static/img/"],
  ])("gives %j the URL %j", (name, url) => {
    expect(files.url(name)).toBe(url)
  })

  it("looks for what was added only where nothing is known", () => {
    const looked: string[] = []
    const looking = {
      ...index,
      resolve: (name: string) => {
        looked.push(name)
        return name === "new#1.css" || name === "new.css" ? name : undefined
      },
    }
    const watched = developmentStaticFiles({ baseUrl: "/static", index: looking })
    watched.url("css/app.css?v=1#x")
    watched.url("css/app.css")
    watched.url("css/")
    expect(looked).toEqual([])
    expect(watched.url("new.css#x")).toBe("/static/new.css#x")
    expect(watched.url("new#1.css")).toBe("/static/new%231.css")
  })

  it("suggests the nearest name for one that is unknown", () => {
    expect(() => files.url("css/ap.css")).toThrow(
      'No static file "css/ap.css" is in the sources. Did you mean "css/app.css"?',
    )
  })

  it("gives no integrity, but refuses what has none in production", () => {
    expect(files.integrity("css/app.css")).toBe("")
    expect(() => files.integrity("nope.css")).toThrow(expect.objectContaining({ code: "unknown-name" }) as Error)
    expect(() => files.integrity("css/")).toThrow(expect.objectContaining({ code: "invalid-name" }) as Error)
    expect([files.has("css/app.css"), files.has("nope"), files.has("css/"), files.has("../x")]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it("preloads the entry, by the kind of the file behind an alias", () => {
    expect(files.preloadHeaders("src/main.ts", { integrity: true })).toBe(
      "</static/js/main.js>; rel=modulepreload; as=script; crossorigin",
    )
  })

  it("gives every legal name a URL where nothing tells which there are", () => {
    const blind = developmentStaticFiles({ baseUrl: "http://localhost:5173/" })
    expect(blind.url("any thing.css?v=1")).toBe("http://localhost:5173/any%20thing.css?v=1")
    expect(() => blind.url("../x")).toThrow(expect.objectContaining({ code: "invalid-name" }) as Error)
  })

  it("refuses a base URL that is none, and unknown options", () => {
    const invalid = expect.objectContaining({ name: "StaticError", code: "invalid-option" }) as Error
    expect(() => developmentStaticFiles({ baseUrl: "static" })).toThrow(invalid)
    expect(() => developmentStaticFiles({ baseUrl: "/", idnex: index } as never)).toThrow(invalid)
  })
})
