import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { useScriptedService } from "../testing/scripted-service.ts"
import { deletionBody, readDeletion, readListing } from "./documents.ts"
import { elements, escaped } from "./xml.ts"

const service = useScriptedService()
const bucket = "acme-media"

/** Text that XML can hold. */
const text = fc
  .string({ unit: "binary", maxLength: 15 })
  // oxlint-disable-next-line no-control-regex
  .filter((value) => !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff\u2028]/.test(value))
/** A character as a number, but for those above U+FFFF, which the SDK reads wrongly. */
const numbered = (character: string) => {
  const code = character.codePointAt(0)!
  return code > 0xffff ? character : `&#x${code.toString(16)};`
}
/** Text as different services write it: with entities, with numbers, or as it is. */
const written = fc
  .tuple(text, fc.boolean())
  .map(([value, numbers]) => (numbers ? Array.from(value, numbered).join("") : escaped(value)))
const object = fc
  .record({
    Key: written,
    LastModified: fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    ETag: fc.constantFrom("&quot;0123456789abcdef0123456789abcdef-2&quot;", '"abc"'),
    Size: fc.nat().map(String),
    Owner: fc.constant("<ID>1</ID><DisplayName>Key</DisplayName>"),
    StorageClass: fc.constant("STANDARD"),
  })
  .chain((fields) => fc.shuffledSubarray(Object.entries(fields), { minLength: 6 }))
  .map((fields) => `<Contents>${fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("\n")}</Contents>`)
const prefix = written.map((value) => `<CommonPrefixes><Prefix>${value}</Prefix></CommonPrefixes>`)
const head = fc
  .record({
    Name: fc.constant(bucket),
    Prefix: written,
    KeyCount: fc.constant("3"),
    MaxKeys: fc.constant("1000"),
    IsTruncated: fc.boolean().map(String),
    EncodingType: fc.constant("url"),
    NextContinuationToken: written.filter((token) => token !== ""),
  })
  .chain((fields) => fc.shuffledSubarray(Object.entries(fields)))
  .map((fields) => fields.map(([name, value]) => `<${name}>${value}</${name}>`))
const listing = fc
  .tuple(head, fc.array(object, { maxLength: 5 }), fc.array(prefix, { maxLength: 3 }))
  .chain(([first, objects, prefixes]) => fc.shuffledSubarray([...first, ...objects, ...prefixes], { minLength: 0 }))
  .map(
    (members) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${members.join("")}</ListBucketResult>`,
  )

describe("a listing", () => {
  it("is read as the official client reads it", async () => {
    const { official, direct, byOwnClient } = await service.bothWays(bucket, {
      region: "us-east-1",
      endpoint: "http://storage.example.com",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    })
    await fc.assert(
      fc.asyncProperty(listing, async (body) => {
        service.answers({ body })
        const theirs = await official.list({ Bucket: bucket })
        const ours = await direct.list({ Bucket: bucket })
        const of = ({ Contents = [], CommonPrefixes = [], ...page }: typeof ours) => ({
          Contents: Contents.map(({ Key, Size, LastModified, ETag }) => ({ Key, Size, LastModified, ETag })),
          CommonPrefixes: CommonPrefixes.map(({ Prefix }) => Prefix),
          IsTruncated: page.IsTruncated,
          EncodingType: page.EncodingType,
          NextContinuationToken: page.NextContinuationToken,
        })
        expect(of(ours)).toEqual(of(theirs))
      }),
      { numRuns: 100 },
    )
    expect(byOwnClient()).toBe(0)
  })

  it.each([
    ["is cut short", "<ListBucketResult><Contents><Key>a</Key>"],
    ["ends in the middle of a tag", "<ListBucketResult><IsTruncated>false</IsTruncated></ListBuck"],
    ["is another document", "<html><body>Sign in</body></html>"],
    ["is nothing", ""],
    ["is no XML", "OK"],
    [
      "has a time that is none",
      "<ListBucketResult><Contents><LastModified>x</LastModified></Contents></ListBucketResult>",
    ],
  ])("that %s is an error, not an empty page", (_, xml) => {
    expect(() => readListing(xml)).toThrow(Error)
  })
})

describe("a deletion of many", () => {
  it("names each key so that it is read back", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (keys) => {
        const body = deletionBody({ Objects: keys.map((Key) => ({ Key })), Quiet: true })
        const read = []
        for (const { path, text: value } of elements(body)) if (path.at(-1) === "Key") read.push(value)
        expect(read).toEqual(keys)
      }),
    )
  })

  it("tells the keys that were not deleted, with the reason", () => {
    const xml =
      "<DeleteResult><Deleted><Key>gone</Key></Deleted><Error><Key>a&amp;b</Key><Code>AccessDenied</Code><Message>no</Message></Error><Error><Key>c</Key></Error></DeleteResult>"
    expect(readDeletion(xml)).toEqual({
      Errors: [{ Key: "a&b", Code: "AccessDenied", Message: "no" }, { Key: "c" }],
    })
    expect(readDeletion("<DeleteResult/>")).toEqual({ Errors: [] })
    expect(() => readDeletion("<html></html>")).toThrow("DeleteResult")
  })
})

describe("XML", () => {
  it("is read with comments, CDATA, attributes and empty elements", () => {
    const xml = '<?xml version="1.0"?><!-- <x> --><a b="c"><d><![CDATA[<&>]]></d><e /><f>1<!-- 2 -->3</f></a>\n'
    const read = []
    for (const { path, text: value } of elements(xml)) read.push(`${path.join("/")}=${value}`)
    expect(read).toEqual(["a/d=<&>", "a/e=", "a/f=13", "a="])
  })

  it("is read with characters that are written as numbers, in any script", () => {
    const [read] = elements("<a>&#x1F600;&#128512;&#xe9;&unknown;</a>")
    expect(read!.text).toBe("😀😀é&unknown;")
  })

  it.each(["<a><b></a></b>", "<a>", "</a>", "<a", "<a><!-- </a>"])("that is not well formed is refused: %s", (xml) => {
    expect(() => [...elements(xml)]).toThrow("no whole XML document")
  })
})
