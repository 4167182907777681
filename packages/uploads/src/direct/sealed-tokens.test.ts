import { describe, expect, test } from "vitest"
import { SealedTokens } from "./sealed-tokens.ts"

const NEW = "a new key of at least 32 characters"
const OLD = "an old key of more than 32 characters"

describe("a sealed token", () => {
  const tokens = new SealedTokens([NEW, OLD], "test")

  test("opens to what was sealed, and looks different each time", () => {
    const text = '{"name":"ä.png"}'
    const [one, other] = [tokens.seal(text), tokens.seal(text)]
    expect(one).not.toBe(other)
    expect(tokens.open(one)).toBe(text)
    expect(tokens.open(other)).toBe(text)
    expect(one).toMatch(/^[\w-]+$/)
  })

  test("of an old key still opens; of one that was taken away it does not", () => {
    const old = new SealedTokens([OLD], "test").seal("x")
    expect(tokens.open(old)).toBe("x")
    expect(new SealedTokens([NEW], "test").open(old)).toBeUndefined()
  })

  test("with any character changed, left out or added is none", () => {
    const token = tokens.seal("some text")
    for (let index = 0; index < token.length; index++) {
      const [before, after] = [token.slice(0, index), token.slice(index + 1)]
      expect(tokens.open(before + after)).toBeUndefined()
      for (const character of ["A", "z", "-", "="]) {
        expect(tokens.open(`${before}${character}${token.slice(index)}`)).toBeUndefined()
        if (character !== token[index]) expect(tokens.open(before + character + after)).toBeUndefined()
      }
    }
  })

  test.each(["", "a", "A".repeat(38), "A".repeat(100_000), "\0", "ä"])("is not %j", (text) => {
    expect(tokens.open(text)).toBeUndefined()
  })
})

describe("keys", () => {
  test.each([
    [[], "keys must be a list of keys"],
    [undefined, "keys must be a list of keys"],
    [NEW, "keys must be a list of keys"],
    [[NEW, "short"], "keys[1] is of 5 characters; at least 32 are needed"],
    [[5], "keys[0] is number"],
  ])("that are none are refused, and not told", (keys, message) => {
    expect(() => new SealedTokens(keys as never, "directUploads()")).toThrow(`directUploads(): ${message}`)
  })
})
