import { describe, expect, it } from "vitest"
import { developmentStaticFiles } from "./development.ts"
import { StaticFiles } from "./static-files.ts"
import { entryTags, html, scriptTag, styleTag } from "./tags.ts"

const files = StaticFiles.fromManifest(
  {
    version: 1,
    files: {
      "js/it's.js": { name: "js/it's.1a.js", size: 1, integrity: "sha256-a+/=" },
      "css/app.css": { name: "css/app.2b.css", size: 1, integrity: "sha256-b" },
    },
  },
  { url: (name) => `https://cdn.example.com/${name}?a=1&b=2` },
)

describe("html", () => {
  it("escapes every value for text and attributes", () => {
    expect(html`<a href="${`"><script>'\`&`}">${"<b>"}</a>`.toString()).toBe(
      '<a href="&quot;&gt;&lt;script&gt;&#39;&#96;&amp;">&lt;b&gt;</a>',
    )
  })

  it("keeps what is Html already, joins lists, and writes nothing for what is missing", () => {
    expect(html`${[html`<i>`, "<", 1]}${null}${undefined}${false}${0}${true}`.toString()).toBe("<i>&lt;10true")
  })
})

describe("entryTags", () => {
  const bundle = StaticFiles.fromManifest(
    {
      version: 1,
      files: {
        "src/main.ts": {
          name: "main-1.js",
          size: 1,
          integrity: "sha256-m",
          imports: ["shared-2.js"],
          styles: ["a.css"],
        },
        "shared-2.js": {
          name: "shared-2.js",
          size: 1,
          integrity: "sha256-s",
          imports: ["main-1.js"],
          styles: ["b.css", "a.css", "gone.css"],
        },
        "main-1.js": { name: "main-1.js", size: 1, integrity: "sha256-m", imports: ["shared-2.js"], styles: ["a.css"] },
        "a.css": { name: "a-3.css", size: 1, integrity: "sha256-a" },
        "b.css": { name: "b-4.css", size: 1, integrity: "sha256-b" },
      },
    },
    { url: (name) => `/${name}` },
  )

  it("write the style sheets of an entry and of what it imports, each once, then its script", () => {
    expect(bundle.styles("src/main.ts")).toEqual(["a.css", "b.css"])
    expect(entryTags(bundle, "src/main.ts", { async: true, nonce: "n" }).toString()).toBe(
      '<link rel="stylesheet" href="/a-3.css" integrity="sha256-a" crossorigin nonce="n">' +
        '<link rel="stylesheet" href="/b-4.css" integrity="sha256-b" crossorigin nonce="n">' +
        '<script type="module" src="/main-1.js" integrity="sha256-m" crossorigin async nonce="n"></script>',
    )
    expect(bundle.preloadHeaders("src/main.ts")).toBe(
      "</main-1.js>; rel=modulepreload; as=script; crossorigin, </a-3.css>; rel=preload; as=style, " +
        "</shared-2.js>; rel=modulepreload; as=script; crossorigin, </b-4.css>; rel=preload; as=style",
    )
  })

  it("are the script alone in development, where the bundler's server brings the styles", () => {
    const development = developmentStaticFiles({ baseUrl: "http://localhost:5173/" })
    expect(entryTags(development, "src/main.ts").toString()).toBe(
      '<script type="module" src="http://localhost:5173/src/main.ts"></script>',
    )
  })
})

describe("scriptTag and styleTag", () => {
  it("write a module and a stylesheet with integrity, escaped", () => {
    expect(scriptTag(files, "js/it's.js").toString()).toBe(
      '<script type="module" src="https://cdn.example.com/js/it&#39;s.1a.js?a=1&amp;b=2" ' +
        'integrity="sha256-a+/=" crossorigin></script>',
    )
    expect(styleTag(files, "css/app.css").toString()).toBe(
      '<link rel="stylesheet" href="https://cdn.example.com/css/app.2b.css?a=1&amp;b=2" integrity="sha256-b" crossorigin>',
    )
  })

  it("let attributes go before their own, escaped", () => {
    const attributes = {
      type: false,
      defer: true,
      nonce: '"><',
      integrity: true,
      crossorigin: "use-credentials",
    } as const
    expect(scriptTag(files, "js/it's.js", attributes).toString()).toBe(
      '<script src="https://cdn.example.com/js/it&#39;s.1a.js?a=1&amp;b=2" integrity="sha256-a+/=" ' +
        'crossorigin="use-credentials" defer nonce="&quot;&gt;&lt;"></script>',
    )
    expect(styleTag(files, "css/app.css", { integrity: false, media: undefined }).toString()).not.toMatch(
      /integrity|crossorigin|media/,
    )
  })

  it("leave out the digest in development, and the request across origins with it", () => {
    const development = developmentStaticFiles({ baseUrl: "/static/" })
    expect(scriptTag(development, "a.js").toString()).toBe('<script type="module" src="/static/a.js"></script>')
    expect(styleTag(development, "a.css", { integrity: true }).toString()).toBe(
      '<link rel="stylesheet" href="/static/a.css">',
    )
  })

  it.each([["src"], ["SRC"], ["on error"], ['x"'], ["a>"], ["a=b"], [""]])("refuse the attribute %j", (name) => {
    expect(() => scriptTag(files, "js/it's.js", { [name]: "x" })).toThrow(
      expect.objectContaining({ code: "invalid-option" }) as Error,
    )
  })

  it("refuse an unknown file like url", () => {
    expect(() => styleTag(files, "css/ap.css")).toThrow('Did you mean "css/app.css"?')
  })
})
