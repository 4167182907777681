import { describe, expect, it } from "vitest"
import { html, scriptTag, styleTag } from "@node-storages/static"
import { attributeValues, AWKWARD, AWKWARD_URL, files, LINK_URL, SCRIPT, STYLE, SUGGESTION } from "./published.ts"

describe("html", () => {
  it("renders a page with links, escaped", () => {
    const page = html`<link href="${files.url("css/app v2.css")}" /><img src="${files.url(AWKWARD)}" />`.toString()
    expect(page).not.toContain("&b=2")
    expect(attributeValues(page)).toEqual([LINK_URL, AWKWARD_URL])
  })

  it("fails for an unknown name with the nearest one", () => {
    expect(() => html`${files.url("css/app v3.css")}`).toThrow(SUGGESTION)
  })

  it("takes tags as they are", () => {
    const tags = [scriptTag(files, "js/app.js", { defer: true, nonce: '"x"' }), styleTag(files, "css/app v2.css")]
    expect(html`${tags}`.toString()).toBe(SCRIPT + STYLE)
  })
})
