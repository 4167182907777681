import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { baseOf } from "../../locations/place.ts"
import { targetName } from "./target-name.ts"

const segment = fc.stringMatching(/^[a-z0-9][\w.-]{0,8}$/)
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"))
const several = fc.boolean()

describe("what a copy is called", () => {
  it.each([
    ["me.png", { name: "avatars/", directory: true }, "avatars/me.png"],
    ["me.png", { name: "", directory: true }, "me.png"],
    ["me.png", { name: "you.png", directory: false }, "you.png"],
    ["avatars", { name: "old/avatars", directory: false }, "old/avatars"],
    ["avatars", { name: "old/", directory: true }, "old/avatars"],
    ["", { name: "old", directory: false }, "old"],
    ["", { name: "", directory: true }, ""],
  ])("%j in %j is %j", (base, target, copy) => {
    expect(targetName(base, target, false)).toBe(copy)
  })

  it("is exactly the target's name for one source and a target that is no directory", () => {
    fc.assert(
      fc.property(segment, name, (base, target) => {
        expect(targetName(base, { name: target, directory: false }, false)).toBe(target)
      }),
    )
  })

  it("is the source's own name in a directory, and for each of several sources", () => {
    fc.assert(
      fc.property(segment, name, several, (base, target, many) => {
        const into = [
          targetName(base, { name: `${target}/`, directory: true }, many),
          targetName(base, { name: target, directory: false }, true),
        ]
        expect(into).toEqual([`${target}/${base}`, `${target}/${base}`])
        expect(into.map((copy) => baseOf(copy))).toEqual([base, base])
        expect(targetName(base, { name: "", directory: true }, many)).toBe(base)
      }),
    )
  })

  it("never gives two sources of different names one name", () => {
    fc.assert(
      fc.property(segment, segment, name, fc.boolean(), (one, other, target, directory) => {
        fc.pre(one !== other)
        const to = { name: directory ? `${target}/` : target, directory }
        expect(targetName(one, to, true)).not.toBe(targetName(other, to, true))
      }),
    )
  })

  it("has no empty segment and no slash at an end", () => {
    fc.assert(
      fc.property(fc.oneof(segment, fc.constant("")), name, fc.boolean(), several, (base, target, directory, many) => {
        const copy = targetName(base, { name: directory ? `${target}/` : target, directory }, many)
        expect(copy.split("/")).not.toContain("")
      }),
    )
  })
})
