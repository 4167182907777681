import { joinUrl } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import type { Manifest } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { StaticFiles } from "./static-files.ts"

const manifest: Manifest = {
  version: 1,
  files: {
    "css/app.css": {
      name: "css/app.1a.css",
      size: 1,
      integrity: "sha256-app",
      imports: ["css/base.css", "fonts/a.woff2"],
    },
    "css/base.css": { name: "css/base.2b.css", size: 1, integrity: "sha256-base", imports: ["css/app.css"] },
    "css/app v2 ü.css": { name: "css/app v2 ü.3c.css", size: 1, integrity: "sha256-v2" },
    "fonts/a.woff2": { name: "fonts/a.4d.woff2", size: 1, integrity: "sha256-font" },
    "img/sprite.svg": { name: "img/sprite.5e.svg", size: 1, integrity: "sha256-svg" },
    "js/main.js": {
      name: "js/main.6f.js",
      size: 1,
      integrity: "sha256-main",
      imports: ["js/b.js", "js/c.js", "gone.js"],
    },
    "js/b.js": { name: "js/b.7a.js", size: 1, integrity: "sha256-b", imports: ["js/c.js", "../out.js"] },
    "js/c.js": { name: "js/c.8b.js", size: 1, integrity: "sha256-c", imports: ["src/main.ts"] },
    "src/main.ts": { name: "js/main.6f.js", size: 1, integrity: "sha256-main", imports: ["js/b.js"] },
    "../out.js": { name: "js/out.9c.js", size: 1, integrity: "sha256-out" },
    c: { name: "c.9f", size: 1, integrity: "sha256-c" },
    "c#.css": { name: "c#.9d.css", size: 1, integrity: "sha256-sharp" },
    "index.html": { name: "index.9e.html", size: 1, integrity: "sha256-page" },
    "app.js.map": { name: "app.9f.js.map", size: 1, integrity: "sha256-map" },
  },
}
const at = (base: string) => StaticFiles.fromManifest(manifest, { url: (name) => joinUrl(base, name) })
const files = at("/static/")

function thrown(act: () => unknown): StaticError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(StaticError)
    return error as StaticError
  }
  throw new Error("nothing was thrown")
}

describe("StaticFiles.url", () => {
  it.each([
    ["css/app.css", "/static/css/app.1a.css"],
    ["src/main.ts", "/static/js/main.6f.js"],
    ["css/app v2 ü.css", "/static/css/app%20v2%20%C3%BC.3c.css"],
    ["img/sprite.svg#icon", "/static/img/sprite.5e.svg#icon"],
    ["css/app.css?v=1", "/static/css/app.1a.css?v=1"],
    ["css/app.css?#iefix", "/static/css/app.1a.css?#iefix"],
    ["css/app.css?a=1?b#c#d", "/static/css/app.1a.css?a=1?b#c#d"],
    ["c#.css", "/static/c%23.9d.css"],
    ["c#.css#top", "/static/c%23.9d.css#top"],
    ["c#.css?v=1", "/static/c%23.9d.css?v=1"],
    ["img/", "/static/img/"],
    ["no such/", "/static/no%20such/"],
    ["img/?v=1", "/static/img/?v=1"],
  ])("gives %j the URL %j", (name, url) => {
    expect(files.url(name)).toBe(url)
    // The second time, from the cache.
    expect(files.url(name)).toBe(url)
  })

  it("encodes what a URL can't hold in a suffix", () => {
    expect(files.url(`css/app.css?q="'><b> ü`)).toBe("/static/css/app.1a.css?q=%22%27%3E%3Cb%3E%20%C3%BC")
  })

  it.each(["css/app.css?\\", "css/app.css#\n", "css/app.css?\ud800"])(
    "refuses the suffix of %j behind a name that it has",
    (name) => {
      expect(thrown(() => files.url(name))).toMatchObject({ code: "invalid-name", file: name })
      expect(files.has(name)).toBe(false)
    },
  )

  it("keeps the query of a base URL, and puts a name's own behind it", () => {
    const signed = at("https://cdn.example.com/s?tenant=1")
    expect(signed.url("css/app.css")).toBe("https://cdn.example.com/s/css/app.1a.css?tenant=1")
    expect(signed.url("css/app.css?v=1#top")).toBe("https://cdn.example.com/s/css/app.1a.css?tenant=1&v=1#top")
    expect(signed.url("css/app.css?#iefix")).toBe("https://cdn.example.com/s/css/app.1a.css?tenant=1#iefix")
    expect(signed.url("img/")).toBe("https://cdn.example.com/s/img/?tenant=1")
  })

  it("suggests the nearest name, and says what to do", () => {
    const error = thrown(() => files.url("css/ap.css?v=1"))
    expect(error).toMatchObject({ code: "unknown-name", file: "css/ap.css" })
    expect(error.message).toBe(
      'No static file "css/ap.css" is in the manifest. Did you mean "css/app.css"? ' +
        "Run collect after files were added or renamed, and deploy its manifest with the app.",
    )
  })

  it("suggests a file of that name in a directory", () => {
    expect(thrown(() => files.url("sprite.svg")).message).toContain('Did you mean "img/sprite.svg"?')
  })

  it("suggests nothing where nothing is near, and cuts a name without end", () => {
    expect(thrown(() => files.url("entirely/other.webp")).message).not.toContain("Did you mean")
    expect(thrown(() => files.url("x".repeat(100_000))).message.length).toBeLessThan(500)
  })

  it("suggests among a hundred thousand names", () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `assets/components/file-${100_000 + index}.js`)
    const entries = names.map((name) => [name, { name, size: 1, integrity: "sha256-AAAA" }])
    const many = StaticFiles.fromManifest({ version: 1, files: Object.fromEntries(entries) }, { url: (name) => name })
    const message = thrown(() => many.url("assets/componnts/file-150000.js")).message
    expect(message).toContain('"assets/components/file-150000.js"?')
  })

  it("answers right with more suffixes than it remembers", () => {
    for (let index = 0; index < 2500; index++) {
      expect(files.url(`img/sprite.svg#${index}`)).toBe(`/static/img/sprite.5e.svg#${index}`)
    }
    expect(files.url("img/sprite.svg#0")).toBe("/static/img/sprite.5e.svg#0")
    expect(thrown(() => files.url(`nope.svg${"#".repeat(1_000_000)}`))).toMatchObject({ code: "unknown-name" })
  })

  it("refuses what is no string", () => {
    expect(thrown(() => files.url(undefined as never))).toMatchObject({ code: "invalid-name" })
    expect(thrown(() => files.url(null as never)).message).toContain("not null")
  })

  it("says of a URL that it is one", () => {
    expect(thrown(() => files.url("https://example.com/a.css")).message).toContain("it is a URL already")
  })

  it("takes names of Object's own for names", () => {
    expect(thrown(() => files.url("constructor"))).toMatchObject({ code: "unknown-name" })
    expect(thrown(() => files.url("__proto__"))).toMatchObject({ code: "unknown-name" })
  })

  it("does not give an illegal name a URL after it was preloaded as an import", () => {
    expect(files.preloadHeaders("js/b.js")).toContain("js/out.9c.js")
    expect(thrown(() => files.url("../out.js"))).toMatchObject({ code: "invalid-name" })
    expect(files.has("../out.js")).toBe(false)
  })
})

describe("StaticFiles", () => {
  it("tells integrity, with a suffix too", () => {
    expect(files.integrity("css/app.css")).toBe("sha256-app")
    expect(files.integrity("img/sprite.svg#icon")).toBe("sha256-svg")
    expect(thrown(() => files.integrity("img/"))).toMatchObject({ code: "invalid-name" })
    expect(thrown(() => files.integrity("nope.css"))).toMatchObject({ code: "unknown-name" })
  })

  it("tells what it has, without a throw", () => {
    const asked = [
      "css/app.css",
      "c#.css#x",
      "src/main.ts",
      "css/",
      "nope",
      "",
      "../x",
      "https://x/y",
      undefined as never,
    ]
    expect(asked.map((name) => files.has(name))).toEqual([true, true, true, false, false, false, false, false, false])
    // A directory, though a file has its name.
    expect(files.has("c/")).toBe(false)
    expect(files.url("c/")).toBe("/static/c/")
    expect(files.names()).toEqual(Object.keys(manifest.files))
  })

  it("never reloads a manifest that the app carries", async () => {
    expect(await files.reload()).toBe(false)
    files.close()
    expect(files.has("css/app.css")).toBe(true)
  })

  it("refuses unknown options by the nearest known one", () => {
    expect(thrown(() => StaticFiles.fromManifest(manifest, { urls: () => "" } as never))).toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining('"url"') as string,
    })
    expect(thrown(() => StaticFiles.fromManifest(manifest, {} as never))).toMatchObject({ code: "invalid-option" })
  })
})

describe("StaticFiles.preloadHeaders", () => {
  it("preloads modules and all that they import, each once, in cycles too", () => {
    expect(files.preloadHeaders("js/main.js").split(", ")).toEqual([
      "</static/js/main.6f.js>; rel=modulepreload; as=script; crossorigin",
      "</static/js/b.7a.js>; rel=modulepreload; as=script; crossorigin",
      "</static/js/c.8b.js>; rel=modulepreload; as=script; crossorigin",
      "</static/js/out.9c.js>; rel=modulepreload; as=script; crossorigin",
    ])
    expect(files.preloadHeaders("src/main.ts")).toContain("js/main.6f.js")
  })

  it("preloads styles without and fonts with crossorigin", () => {
    expect(files.preloadHeaders("css/app.css?v=1").split(", ")).toEqual([
      "</static/css/app.1a.css?v=1>; rel=preload; as=style",
      "</static/css/base.2b.css>; rel=preload; as=style",
      '</static/fonts/a.4d.woff2>; rel=preload; as=font; type="font/woff2"; crossorigin',
    ])
  })

  it("asks for the entry with its integrity where the page does", () => {
    expect(files.preloadHeaders("css/base.css", { integrity: true }).split(", ")[0]).toBe(
      '</static/css/base.2b.css>; rel=preload; as=style; crossorigin; integrity="sha256-base"',
    )
    expect(files.preloadHeaders("js/c.js", { integrity: true }).split(", ")[0]).toBe(
      '</static/js/c.8b.js>; rel=modulepreload; as=script; crossorigin; integrity="sha256-c"',
    )
  })

  it("asks for a classic script as the page does", () => {
    const preload = (integrity: boolean) => files.preloadHeaders("js/c.js", { module: false, integrity }).split(", ")[0]
    expect(preload(false)).toBe("</static/js/c.8b.js>; rel=preload; as=script")
    expect(preload(true)).toBe('</static/js/c.8b.js>; rel=preload; as=script; crossorigin; integrity="sha256-c"')
  })

  it("is empty for what is not preloaded, and holds only ASCII", () => {
    expect(files.preloadHeaders("index.html")).toBe("")
    expect(files.preloadHeaders("app.js.map")).toBe("")
    const header = at("https://münchen.example/").preloadHeaders("css/app v2 ü.css")
    expect(header).toMatch(/^[\u0020-\u007e]+$/)
    expect(new Headers({ link: header }).get("link")).toBe(header)
  })
})
