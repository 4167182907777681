import nunjucks from "nunjucks"
import { describe, expect, it } from "vitest"
import { nunjucksGlobals } from "@node-storages/static"
import { attributeValues, AWKWARD, AWKWARD_URL, files, LINK_URL, SCRIPT, STYLE, SUGGESTION } from "./published.ts"

const environment = new nunjucks.Environment(null, { autoescape: true })
nunjucksGlobals(environment, files)
const render = async (template: string, data: object = {}): Promise<string> => environment.renderString(template, data)

describe("nunjucks", () => {
  it("renders a page with a link to a file, and its integrity", async () => {
    const page = await render(
      `<link rel="stylesheet" href="{{ staticUrl("css/app v2.css") }}" integrity="{{ integrity("css/app v2.css") }}">`,
    )
    expect(page).not.toContain("&b=2")
    expect(attributeValues(page)).toEqual(["stylesheet", LINK_URL, "sha256-css+/="])
  })

  it("keeps a fragment", async () => {
    const page = await render(`<img src="{{ staticUrl("css/app v2.css#icon") }}">`)
    expect(attributeValues(page)).toEqual([`${LINK_URL}#icon`])
  })

  it("fails for an unknown name with the nearest one", async () => {
    await expect(render(`{{ staticUrl("css/app v3.css") }}`)).rejects.toThrow(SUGGESTION)
  })

  it("fails for a variable that is missing", async () => {
    await expect(render(`{{ staticUrl(name) }}`)).rejects.toThrow("must be a string, not undefined")
  })

  it("escapes a name from a variable, in quotes of both kinds", async () => {
    const page = await render(`<img src="{{ staticUrl(name) }}"><img src='{{ name | static }}'>`, { name: AWKWARD })
    expect(attributeValues(page)).toEqual([AWKWARD_URL, AWKWARD_URL])
  })

  it("fails for a name from a variable that leads out", async () => {
    await expect(render(`{{ staticUrl(name) }}`, { name: "../secret" })).rejects.toThrow(
      '"../secret" is no name of a static file',
    )
  })

  it("writes whole tags", async () => {
    const page = await render(`{{ scriptTag("js/app.js", defer=true, nonce=nonce) }}{{ styleTag("css/app v2.css") }}`, {
      nonce: '"x"',
    })
    expect(page.trim()).toBe(SCRIPT + STYLE)
  })

  it("takes attributes as an object, and names that are marked safe", async () => {
    expect(await render(`{{ scriptTag("js/app.js", { defer: true, nonce: nonce }) }}`, { nonce: `"x"` })).toBe(SCRIPT)
    expect(await render(`{{ scriptTag("js/app.js" | safe, defer=true, nonce=nonce) }}`, { nonce: `"x"` })).toBe(SCRIPT)
    expect(attributeValues(await render(`<img src="{{ name | safe | static }}">`, { name: AWKWARD }))).toEqual([
      AWKWARD_URL,
    ])
  })

  it("fails for an unknown name in the filter too", async () => {
    await expect(render(`{{ "css/app v3.css" | static }}`)).rejects.toThrow(SUGGESTION)
  })
})
