import pug from "pug"
import { describe, expect, it } from "vitest"
import { pugLocals } from "@node-storages/static"
import { attributeValues, AWKWARD, AWKWARD_URL, files, LINK_URL, SCRIPT, STYLE, SUGGESTION } from "./published.ts"

const render = async (template: string, data: object = {}): Promise<string> =>
  pug.render(template, { ...data, ...pugLocals(files) })

describe("pug", () => {
  it("renders a page with a link to a file, and its integrity", async () => {
    const page = await render(
      `link(rel="stylesheet" href=staticUrl("css/app v2.css") integrity=integrity("css/app v2.css"))`,
    )
    expect(page).not.toContain("&b=2")
    expect(attributeValues(page)).toEqual(["stylesheet", LINK_URL, "sha256-css+/="])
  })

  it("keeps a fragment", async () => {
    const page = await render(`img(src=staticUrl("css/app v2.css#icon"))`)
    expect(attributeValues(page)).toEqual([`${LINK_URL}#icon`])
  })

  it("fails for an unknown name with the nearest one", async () => {
    await expect(render(`img(src=staticUrl("css/app v3.css"))`)).rejects.toThrow(SUGGESTION)
  })

  it("fails for a variable that is missing", async () => {
    await expect(render(`img(src=staticUrl(name))`)).rejects.toThrow("must be a string, not undefined")
  })

  it("escapes a name from a variable, in attributes and in tags as text", async () => {
    const page = await render(
      `div
  img(src=staticUrl(name))
  | <img src="#{staticUrl(name)}">`,
      { name: AWKWARD },
    )
    expect(attributeValues(page)).toEqual([AWKWARD_URL, AWKWARD_URL])
  })

  it("fails for a name from a variable that leads out", async () => {
    await expect(render(`img(src=staticUrl(name))`, { name: "../secret" })).rejects.toThrow(
      '"../secret" is no name of a static file',
    )
  })

  it("writes whole tags", async () => {
    const page = await render(
      `!= scriptTag("js/app.js", { defer: true, nonce })
!= styleTag("css/app v2.css")`,
      { nonce: '"x"' },
    )
    expect(page.trim()).toBe(SCRIPT + STYLE)
  })

  it("leaves no way out of single quotes, which Pug does not escape, by a fragment from a variable", async () => {
    const page = await render(`| <img src='#{staticUrl("js/app.js#" + name)}'>`, { name: "'onerror='alert(1)" })
    expect(attributeValues(page)).toEqual(["https://cdn.example.com/s/js/app.2b.js?a=1&b=2#%27onerror=%27alert(1)"])
  })
})
