import { describe, expect, it } from "vitest"
import { checksumOf } from "./integrity.ts"

const MD5 = "d41d8cd98f00b204e9800998ecf8427e"

describe("the digest that an entity tag is", () => {
  it.each([
    ["an object in clear", { ETag: `"${MD5}"` }],
    ["one encrypted by the service's own keys", { ETag: `"${MD5}"`, ServerSideEncryption: "AES256" }],
    ["a tag without its quotes, or in upper case", { ETag: MD5.toUpperCase() }],
  ])("is the MD5 of %s", (_, answer) => {
    expect(checksumOf(answer)).toEqual({ md5: MD5 })
  })

  it.each([
    ["an upload in parts", { ETag: `"${MD5}-3"` }],
    ["one part", { ETag: `"${MD5}-1"` }],
    ["KMS", { ETag: `"${MD5}"`, ServerSideEncryption: "aws:kms" }],
    ["KMS in two layers", { ETag: `"${MD5}"`, ServerSideEncryption: "aws:kms:dsse" }],
    ["the customer's key", { ETag: `"${MD5}"`, SSECustomerAlgorithm: "AES256" }],
    ["a tag of another kind", { ETag: '"CNDe3d0B"' }],
    ["no tag", {}],
  ])("is none for %s", (_, answer) => {
    expect(checksumOf(answer)).toBeUndefined()
  })
})
