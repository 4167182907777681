import { describe, expect, it } from "vitest"
import { developmentStaticFiles } from "./development.ts"
import { StaticFiles } from "./static-files.ts"
import { html, scriptTag, styleTag } from "./tags.ts"

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
