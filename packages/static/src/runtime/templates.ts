import type { StaticUrls } from "./static-urls.ts"
import { type Attributes, entryTags, type Html, scriptTag, styleTag } from "./tags.ts"

/**
 * What templates call. `staticUrl` and `integrity` give plain text, which the engine escapes; `scriptTag`, `styleTag` and
 * `entryTags` give HTML, escaped already.
 */
export interface TemplateHelpers {
  readonly staticUrl: (name: string) => string
  readonly integrity: (name: string) => string
  readonly scriptTag: (name: string, attributes?: Attributes) => Html
  readonly styleTag: (name: string, attributes?: Attributes) => Html
  readonly entryTags: (name: string, attributes?: Attributes) => Html
}

/** Locals for EJS: `<link href="<%= staticUrl("css/app.css") %>">`, `<%- scriptTag("js/app.js") %>`. */
export function ejsHelpers(files: StaticUrls): TemplateHelpers {
  return helpersOf(files)
}

/**
 * Locals for Pug: `link(href=staticUrl("css/app.css"))`, `!= scriptTag("js/app.js")`. Pug's `#{…}` escapes no single
 * quotes, which a file's name may hold: tags that are written as text need double ones.
 */
export function pugLocals(files: StaticUrls): TemplateHelpers {
  return helpersOf(files)
}

/** Data for Eta: `<link href="<%= it.staticUrl("css/app.css") %>">`, `<%~ it.scriptTag("js/app.js") %>`. */
export function etaHelpers(files: StaticUrls): TemplateHelpers {
  return helpersOf(files)
}

/** What is asked of a Nunjucks `Environment`. */
export interface NunjucksEnvironment {
  addGlobal(name: string, value: unknown): unknown
  addFilter(name: string, filter: (value: unknown) => unknown): unknown
  getFilter(name: string): (...values: never[]) => unknown
}

/**
 * Adds to a Nunjucks environment the globals `staticUrl`, `integrity`, `scriptTag`, `styleTag` and `entryTags`, and the filter `static`:
 * `<link href="{{ staticUrl("css/app.css") }}">`, `{{ "css/app.css" | static }}`, `{{ scriptTag("js/app.js", defer=true) }}`.
 */
export function nunjucksGlobals(environment: NunjucksEnvironment, files: StaticUrls): void {
  const { staticUrl, integrity, ...tags } = helpersOf(files)
  // Its own filter makes the string that autoescape leaves alone: the class is in the engine, which is not imported.
  const safe = environment.getFilter("safe") as (html: string) => unknown
  environment.addGlobal("staticUrl", staticUrl)
  environment.addGlobal("integrity", integrity)
  environment.addFilter("static", (name) => staticUrl(name as string))
  for (const [name, tag] of Object.entries(tags)) {
    environment.addGlobal(name, (file: string, { __keywords, ...attributes }: Attributes = {}) =>
      safe(tag(file, attributes).toString()),
    )
  }
}

/** What is asked of Handlebars, or of an environment made by its `create()`. */
export interface HandlebarsEnvironment {
  registerHelper(name: string, helper: (first?: unknown, second?: unknown) => unknown): unknown
}

/** What Handlebars gives a helper behind its arguments. */
interface HandlebarsOptions {
  readonly hash: Attributes
}

/**
 * Adds to Handlebars the helpers `staticUrl`, `integrity`, `scriptTag`, `styleTag` and `entryTags`:
 * `<link href="{{staticUrl "css/app.css"}}">`, `{{scriptTag "js/app.js" defer=true}}`.
 */
export function handlebarsHelpers(handlebars: HandlebarsEnvironment, files: StaticUrls): void {
  const { staticUrl, integrity, ...tags } = helpersOf(files)
  // The last argument is the engine's own: a helper without arguments gets it first, and refuses it as a name.
  handlebars.registerHelper("staticUrl", (name) => staticUrl(name as string))
  handlebars.registerHelper("integrity", (name) => integrity(name as string))
  for (const [name, tag] of Object.entries(tags)) {
    handlebars.registerHelper(name, (file, options) =>
      tag(file as string, (options as HandlebarsOptions | undefined)?.hash),
    )
  }
}

function helpersOf(files: StaticUrls): TemplateHelpers {
  return {
    staticUrl: (name) => files.url(text(name)),
    integrity: (name) => files.integrity(text(name)),
    scriptTag: (name, attributes) => scriptTag(files, text(name), attributes),
    styleTag: (name, attributes) => styleTag(files, text(name), attributes),
    entryTags: (name, attributes) => entryTags(files, text(name), attributes),
  }
}

/** The text of what an engine wraps strings in, its `SafeString`; anything else stays, to be refused as a name. */
function text(name: unknown): string {
  if (typeof name !== "object" || name === null) return name as string
  const { toHTML } = name as { toHTML?: unknown }
  return (typeof toHTML === "function" ? toHTML.call(name) : name.valueOf()) as string
}
