import { createHash } from "node:crypto"
import { MemoryStorage } from "@node-storages/memory"
import { collect } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { define, filesIn, manifestIn } from "./inspect.ts"
import { writeFiles } from "./site.ts"

const digest = (text: string) => `sha384-${createHash("sha384").update(text).digest("base64")}`

const CSS = "a { b: url(a.png) }"
const JS = 'import "./b.js"\n'
const VENDOR = "vendor()"

const site = (page: string) => ({
  "a.css": CSS,
  "a.js": JS,
  "b.js": "b()",
  "vendor.js": VENDOR,
  "a.png": "picture",
  "index.html": page,
})

async function collected(files: Readonly<Record<string, string>>, strict = true) {
  const storage = new MemoryStorage()
  const { problems } = await collect(define(storage, await writeFiles(files)), { strict })
  const { files: entries } = await manifestIn(storage)
  const texts = await filesIn(storage)
  const page = texts[entries["index.html"]!.name]!
  expect(texts["index.html"]).toBe(page)
  return { entries, page, problems }
}

describe("a digest in a collected page", () => {
  it("is that of the file as it was rewritten, before or after the URL", async () => {
    const { entries, page, problems } = await collected(
      site(
        `<link integrity="${digest(CSS)}" rel=stylesheet href=a.css>` +
          `<script type=module src="a.js" integrity='${digest(JS)} md5-x' crossorigin></script>`,
      ),
    )
    const { "a.css": css, "a.js": js } = entries
    expect(page).toBe(
      `<link integrity="${css!.integrity}" rel=stylesheet href=${css!.name}>` +
        `<script type=module src="${js!.name}" integrity='${js!.integrity}' crossorigin></script>`,
    )
    expect(problems).toEqual([])
  })

  it("stays as it is for files that are not rewritten, right or wrong", async () => {
    const integrity = [digest(VENDOR), digest("another file")]
    const { entries, page } = await collected(
      site(integrity.map((value) => `<script src=vendor.js integrity=${value}></script>`).join("")),
    )
    const { name } = entries["vendor.js"]!
    expect(page).toBe(integrity.map((value) => `<script src=${name} integrity=${value}></script>`).join(""))
  })

  it("is not made right where it was wrong, and that is told", async () => {
    const wrong = digest("another file")
    const { entries, page, problems } = await collected(site(`<script src=a.js integrity=${wrong}></script>`))
    expect(page).toBe(`<script src=${entries["a.js"]!.name} integrity=${wrong}></script>`)
    expect(problems).toEqual([
      {
        file: "index.html",
        line: 1,
        column: 28,
        reference: wrong,
        reason: 'it is not the digest of "a.js"',
        warning: true,
      },
    ])
  })

  it("follows in import maps, whose keys of files have the new names too", async () => {
    const map = { imports: { app: "./a.js", "./b.js": "./vendor.js" }, integrity: { "./a.js": digest(JS) } }
    const { entries, page } = await collected(
      site(`<script type="importmap">${JSON.stringify(map)}</script><script type=module>import "app"</script>`),
    )
    const url = (name: string) => `./${entries[name]!.name}`
    expect(JSON.parse(/\{.*\}/.exec(page)![0])).toEqual({
      imports: { app: url("a.js"), [url("b.js")]: url("vendor.js") },
      integrity: { [url("a.js")]: entries["a.js"]!.integrity },
    })
  })

  it("can't be written where the file refers back to the page: that is an error with its place", async () => {
    const script = 'new URL("index.html", import.meta.url)\n'
    const files = { ...site(`<script src=a.js integrity=${digest(script)}></script>`), "a.js": script }
    await expect(collected(files)).rejects.toThrow("index.html:1:28")
    await expect(collected(files)).rejects.toThrow("refers back to this one")
  })
})
