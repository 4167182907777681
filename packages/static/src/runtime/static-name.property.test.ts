import { nameProblem } from "@node-storages/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Manifest } from "../manifest.ts"
import { developmentStaticFiles } from "./development.ts"
import { StaticFiles } from "./static-files.ts"
import type { StaticUrls } from "./static-urls.ts"

const BASE = "https://static.example.com/"

function both(names: readonly string[]): Readonly<Record<"production" | "development", StaticUrls>> {
  const files = Object.fromEntries(names.map((name) => [name, { name, size: 1, integrity: "sha256-AAAA" }]))
  const manifest: Manifest = { version: 1, files }
  const known = new Set(names)
  const resolve = (name: string) => (known.has(name) ? name : undefined)
  const index = { known: resolve, resolve, names: () => known }
  return {
    production: StaticFiles.fromManifest(manifest, {
      url: (name) => BASE + name.split("/").map(encodeURIComponent).join("/"),
    }),
    development: developmentStaticFiles({ baseUrl: BASE, index }),
  }
}

/** What `url` gives or the code that it throws: what the two modes must agree on. */
function outcome(files: StaticUrls, name: string): string {
  try {
    return files.url(name)
  } catch (error) {
    return `refused: ${(error as { code: string }).code}`
  }
}

const segment = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
  fc.constantFrom(
    ".",
    "..",
    "a",
    "img",
    ".#lock",
    "c#.css",
    "what?.png",
    "100%.svg",
    "%2e%2e",
    'a"b',
    "a'b",
    "__proto__",
    "https:",
    "",
  ),
)
const anything = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"))
const legal = anything.filter((name) => nameProblem(name) === undefined)
const suffix = fc.constantFrom("", "?v=1", "#icon", "?#iefix", "?v=1#icon", "?a=../..", "#/x/..")
const bad = fc.oneof(
  anything.filter((name) => nameProblem(name.split(/[?#]/)[0]!.replace(/\/$/, "")) !== undefined),
  fc.constantFrom(
    "",
    "/",
    "//",
    "../a",
    "a/../b",
    "/a.css",
    "a\\b",
    "..\\a",
    "C:/a",
    "\\\\evil",
    "?v=1",
    "#icon",
    "a\0b",
  ),
  fc.constantFrom(
    "https://example.com/a.css",
    "//example.com/a.css",
    "HTTP://x/y",
    "data:text/css,a",
    "a.css?\\",
    "a.css#\n",
  ),
)

describe("names", () => {
  it("finds every legal name, with a URL that leads back to it, in both modes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(legal, { minLength: 1, maxLength: 5 }), (names) => {
        const { production, development } = both(names)
        for (const name of names) {
          expect(decodeURIComponent(production.url(name).slice(BASE.length))).toBe(name)
          expect(development.url(name)).toBe(production.url(name))
          expect([production.has(name), development.has(name)]).toEqual([true, true])
        }
      }),
    )
  })

  it("refuses bad names in both modes, whatever is known", () => {
    fc.assert(
      fc.property(bad, fc.array(legal), (name, known) => {
        fc.pre(!known.includes(name))
        const { production, development } = both([...known, name])
        expect(outcome(both(known).production, name)).toBe("refused: invalid-name")
        expect(outcome(both(known).development, name)).toBe("refused: invalid-name")
        if (nameProblem(name) === undefined) return
        // Even a manifest that holds it does not make it legal.
        expect(outcome(production, name)).toBe("refused: invalid-name")
        expect(outcome(development, name)).toBe("refused: invalid-name")
        expect([production.has(name), development.has(name)]).toEqual([false, false])
      }),
    )
  })

  it("gives the same answer in both modes for any text with any suffix", () => {
    fc.assert(
      fc.property(fc.array(legal), fc.oneof(anything, fc.string({ unit: "binary" })), suffix, (names, text, end) => {
        const { production, development } = both(names)
        for (const asked of [...names, text].map((name) => name + end)) {
          expect(outcome(development, asked)).toBe(outcome(production, asked))
        }
      }),
    )
  })

  it("keeps a suffix behind every name that is known", () => {
    fc.assert(
      fc.property(legal, suffix, (name, end) => {
        const { production } = both([name])
        expect(production.url(name + end)).toBe(production.url(name) + end)
      }),
    )
  })
})
