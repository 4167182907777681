import { describe, expect, it } from "vitest"
import { isHidden, queryParameter, requestTarget, splitUrl } from "./request-target.ts"

describe("splitUrl", () => {
  it.each([
    ["/a/b", "/a/b", ""],
    ["/a?b=c", "/a", "b=c"],
    ["/a?b?c", "/a", "b?c"],
    ["/a?", "/a", ""],
    ["/a#b?c", "/a", ""],
    ["/a?b#c", "/a", "b"],
    ["http://host/a?b", "/a", "b"],
    ["HTTPS://user@host:80/a", "/a", ""],
    ["http://host", "", ""],
    ["http://host?b", "", "b"],
    ["//host/a", "//host/a", ""],
    ["*", "*", ""],
    ["", "", ""],
  ])("%s", (url, path, query) => {
    expect(splitUrl(url)).toEqual({ path, query })
  })
})

describe("queryParameter", () => {
  it.each([
    ["signed=1", "1"],
    ["a=b&signed=1&signed=2", "1"],
    ["signed=", ""],
    ["unsigned=1", undefined],
    ["signed", undefined],
    ["a=signed=1", undefined],
    ["", undefined],
  ])("of %j", (query, value) => {
    expect(queryParameter(query, "signed")).toBe(value)
  })
})

describe("requestTarget", () => {
  it.each([
    ["/a.txt", { kind: "file", name: "a.txt" }],
    ["/a%20b/%C3%BC.txt", { kind: "file", name: "a b/ü.txt" }],
    ["/100%25.txt", { kind: "file", name: "100%.txt" }],
    // Decoded once only.
    ["/%252e%252e", { kind: "file", name: "%2e%2e" }],
    ["/", { kind: "directory", name: "" }],
    ["/a/", { kind: "directory", name: "a/" }],
    ...["/..", "/%2e%2e", "/a/../b", "/./a", "/a//b", "//", "/a%2fb", "/a%2Fb", "/a\\b", "/a%5cb", "/%01", "/C:/a"].map(
      (path) => [path, { kind: "impossible" }] as const,
    ),
    ...["/%", "/%zz", "/%c0%ae", "/%ff", "/a%00", "/a\0"].map((path) => [path, { kind: "malformed" }] as const),
    ["a", { kind: "elsewhere" }],
    // A mount, asked for without its slash.
    ["", { kind: "directory", name: "" }],
  ] as const)("%s", (path, target) => {
    expect(requestTarget(path, "/")).toEqual(target)
  })

  it("is below the prefix, or another handler's", () => {
    expect(requestTarget("/media/a", "/media/")).toEqual({ kind: "file", name: "a" })
    expect(requestTarget("/media/", "/media/")).toEqual({ kind: "directory", name: "" })
    expect(requestTarget("/mediaa", "/media/").kind).toBe("elsewhere")
    expect(requestTarget("/media/../a", "/media/").kind).toBe("impossible")
  })
})

it("a name is hidden by a dot in front of any segment, but for the one that is there to be asked for", () => {
  for (const name of [".env", "a/.git/b", ".well-known/.x", "a/.well-known/b"]) {
    expect([name, isHidden(name)]).toEqual([name, true])
  }
  for (const name of ["a.b", "a/b.c", ".well-known/a", "a./b"]) expect([name, isHidden(name)]).toEqual([name, false])
})
