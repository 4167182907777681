import { Eta } from "eta"
import { describe, expect, it } from "vitest"
import { etaHelpers } from "@node-storages/static"
import { attributeValues, AWKWARD, AWKWARD_URL, files, LINK_URL, SCRIPT, STYLE, SUGGESTION } from "./published.ts"

const eta = new Eta()
const render = async (template: string, data: object = {}): Promise<string> =>
  eta.renderString(template, { ...data, ...etaHelpers(files) })

describe("eta", () => {
  it("renders a page with a link to a file, and its integrity", async () => {
    const page = await render(
      `<link rel="stylesheet" href="<%= it.staticUrl("css/app v2.css") %>" integrity="<%= it.integrity("css/app v2.css") %>">`,
    )
    expect(page).not.toContain("&b=2")
    expect(attributeValues(page)).toEqual(["stylesheet", LINK_URL, "sha256-css+/="])
  })

  it("keeps a fragment", async () => {
    const page = await render(`<img src="<%= it.staticUrl("css/app v2.css#icon") %>">`)
    expect(attributeValues(page)).toEqual([`${LINK_URL}#icon`])
  })

  it("fails for an unknown name with the nearest one", async () => {
    await expect(render(`<%= it.staticUrl("css/app v3.css") %>`)).rejects.toThrow(SUGGESTION)
  })

  it("fails for a variable that is missing", async () => {
    await expect(render(`<%= it.staticUrl(it.name) %>`)).rejects.toThrow("must be a string, not undefined")
  })

  it("escapes a name from a variable, in quotes of both kinds", async () => {
    const page = await render(`<img src="<%= it.staticUrl(it.name) %>"><img src='<%= it.staticUrl(it.name) %>'>`, {
      name: AWKWARD,
    })
    expect(attributeValues(page)).toEqual([AWKWARD_URL, AWKWARD_URL])
  })

  it("fails for a name from a variable that leads out", async () => {
    await expect(render(`<%= it.staticUrl(it.name) %>`, { name: "../secret" })).rejects.toThrow(
      '"../secret" is no name of a static file',
    )
  })

  it("writes whole tags", async () => {
    const page = await render(
      `<%~ it.scriptTag("js/app.js", { defer: true, nonce: it.nonce }) %><%~ it.styleTag("css/app v2.css") %>`,
      { nonce: '"x"' },
    )
    expect(page.trim()).toBe(SCRIPT + STYLE)
  })
})
