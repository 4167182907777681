import { describe, expect, test } from "vitest"
import { escaped, splitLine } from "./command-line.ts"

describe("a line that is being typed", () => {
  test.each([
    ["storages ", [], "", ""],
    ["storages ls", [], "ls", ""],
    ["storages ls ", ["ls"], "", ""],
    ["storages cat media:my\\ file", ["cat"], "media:my file", ""],
    ['storages cat "media:my f', ["cat"], "media:my f", '"'],
    ["storages cat 'a\\b", ["cat"], "a\\b", "'"],
    ['storages cat "" x', ["cat", ""], "x", ""],
    ["A=1 B='2 3' storages ls x", ["ls"], "x", ""],
    ["storages\tls  -l   m", ["ls", "-l"], "m", ""],
  ])("%j is split as shells do", (line, words, current, quote) => {
    expect(splitLine(line)).toEqual({ words, current, quote })
  })

  test("gets names in the way in which it reads them back", () => {
    for (const name of ["a b.txt", "it's", 'say "x"', "$HOME", "a;b&c|d", "grüße (1).txt", "back\\slash"]) {
      expect(splitLine(`storages cat ${escaped(name)}`).current).toBe(name)
    }
    expect(escaped("~/a.txt")).toBe("~/a.txt")
  })
})
