import { StaticError } from "../static-error.ts"
import type { StaticUrls } from "./static-urls.ts"

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
}

/** Text as it stands in HTML, between tags and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character]!)
}

/** HTML that needs no escaping any more. Prints as its text; Handlebars writes it as it is, by `toHTML`. */
export class Html {
  readonly #text: string

  /** @param text HTML: whoever calls this vouches for it */
  constructor(text: string) {
    this.#text = text
  }

  /** The markup, for templates that join strings. */
  toString(): string {
    return this.#text
  }

  /** The markup, for Handlebars, which asks for it by this name. */
  toHTML(): string {
    return this.#text
  }
}

/** What can stand in a template of HTML. */
export type HtmlValue = string | number | bigint | boolean | null | undefined | Html | readonly HtmlValue[]

/**
 * A template of HTML: `` html`<link rel="stylesheet" href="${files.url("css/app.css")}">` ``. Every value is escaped, but for
 * what is `Html` already; lists are joined; null, undefined and false are nothing. Attributes must be in quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, index) => text + (index < values.length ? htmlOf(values[index]) : "")).join(""))
}

function htmlOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ""
  if (value instanceof Html) return value.toString()
  return typeof value === "object" ? value.map(htmlOf).join("") : escapeHtml(String(value))
}

/** Values of attributes: true is an attribute without a value; false, null and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * `<script type="module" src="…" integrity="…" crossorigin></script>`. Attributes go before what it writes by itself:
 * `{ type: false, defer: true }` makes a classic script, `{ integrity: false }` leaves out the digest.
 * @throws StaticError like `files.url`; `invalid-option` for `src` and for what is no name of an attribute
 */
export function scriptTag(files: StaticUrls, name: string, attributes: Attributes = {}): Html {
  const own = { type: "module", src: files.url(name), ...digestOf(files, name, attributes) }
  return new Html(`<script${attributeText("scriptTag()", "src", own, attributes)}></script>`)
}

/**
 * `<link rel="stylesheet" href="…" integrity="…" crossorigin>`. Attributes go before what it writes by itself.
 * @throws StaticError like `files.url`; `invalid-option` for `href` and for what is no name of an attribute
 */
export function styleTag(files: StaticUrls, name: string, attributes: Attributes = {}): Html {
  const own = { rel: "stylesheet", href: files.url(name), ...digestOf(files, name, attributes) }
  return new Html(`<link${attributeText("styleTag()", "href", own, attributes)}>`)
}

/**
 * What a page needs of an entry of a bundle: `<link rel="stylesheet">` of its style sheets and of those of all that it
 * imports, then its `<script>`.
 * @param attributes those of the script, as `scriptTag` takes them; its `nonce` is for the style sheets too
 * @throws StaticError like `scriptTag`
 */
export function entryTags(files: StaticUrls, entry: string, attributes: Attributes = {}): Html {
  const { nonce } = attributes
  const styles = files.styles(entry).map((name) => styleTag(files, name, { nonce }))
  return new Html([...styles, scriptTag(files, entry, attributes)].join(""))
}

/** Browsers check a digest of another origin's file only where the request is one across origins. */
function digestOf(files: StaticUrls, name: string, { integrity }: Attributes): Attributes {
  const digest = integrity === undefined || integrity === true ? files.integrity(name) : integrity
  return digest ? { integrity: digest, crossorigin: true } : {}
}

/** What HTML allows as a name of an attribute, but for noncharacters. */
// oxlint-disable-next-line no-control-regex
const ATTRIBUTE_NAME = /^[^\s"'<>/=\u0000-\u001f\u007f-\u009f]+$/

function attributeText(subject: string, urlAttribute: string, own: Attributes, given: Attributes): string {
  const all = new Map(Object.entries(own))
  for (const [name, value] of Object.entries(given)) {
    if (name.toLowerCase() === urlAttribute) {
      throw new StaticError(
        "invalid-option",
        `${subject} writes ${urlAttribute} by itself: give the file's name instead.`,
      )
    }
    if (!ATTRIBUTE_NAME.test(name)) {
      throw new StaticError("invalid-option", `${subject}: ${JSON.stringify(name)} is no name of an attribute.`)
    }
    // `integrity: true` asks for the file's own, which is there already.
    if (value !== undefined && !(name === "integrity" && value === true)) all.set(name, value)
  }
  return Array.from(all, ([name, value]) => {
    if (value === false || value === null || value === undefined) return ""
    return value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`
  }).join("")
}
