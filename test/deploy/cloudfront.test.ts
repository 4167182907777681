import { createVerify, generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { getSignedUrl } from "@aws-sdk/cloudfront-signer"
import type { SignerOptions } from "@node-storages/core"
import { S3Storage } from "@node-storages/s3"
import { collect, defineStatic, prune } from "@node-storages/static"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { parseDocument, ROOT } from "../docs/markdown.ts"
import { describeOnS3 } from "../s3/support.ts"
import { writeFiles } from "../static/collect/site.ts"

interface Statement {
  readonly Effect: string
  readonly Principal?: unknown
  readonly Action: string | readonly string[]
  readonly Resource: string
  readonly Condition?: unknown
}

const guide = parseDocument("docs/deploy/cloudfront.md", readFileSync(join(ROOT, "docs/deploy/cloudfront.md"), "utf8"))
const [deployer, ofBucket, headers] = guide.blocks
  .filter(({ info }) => info[0] === "json")
  .map(({ code }) => JSON.parse(code.join("\n")) as { Version: string; Statement: readonly Statement[] })

const OBJECTS = "arn:aws:s3:::acme-static/*"

/** What each request needs. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const PERMISSIONS: Readonly<Record<string, string>> = {
  PutObjectCommand: "s3:PutObject",
  CreateMultipartUploadCommand: "s3:PutObject",
  UploadPartCommand: "s3:PutObject",
  CompleteMultipartUploadCommand: "s3:PutObject",
  AbortMultipartUploadCommand: "s3:AbortMultipartUpload",
  ListPartsCommand: "s3:ListMultipartUploadParts",
  GetObjectCommand: "s3:GetObject",
  HeadObjectCommand: "s3:GetObject",
  ListObjectsV2Command: "s3:ListBucket",
  DeleteObjectCommand: "s3:DeleteObject",
  DeleteObjectsCommand: "s3:DeleteObject",
}

describe("the policies that the guide on CloudFront shows", () => {
  it("let CloudFront's distribution read objects, and nobody else do anything", () => {
    expect(ofBucket).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "cloudfront.amazonaws.com" },
          Action: "s3:GetObject",
          Resource: OBJECTS,
          Condition: {
            StringEquals: {
              "AWS:SourceArn": expect.stringMatching(/^arn:aws:cloudfront::\d{12}:distribution\/\w+$/) as string,
            },
          },
        },
      ],
    })
  })

  it("send the headers that the guides on nginx and Caddy send too", () => {
    const { CorsConfig, SecurityHeadersConfig, CustomHeadersConfig } = headers as unknown as Record<string, unknown>
    expect(CorsConfig).toMatchObject({ AccessControlAllowOrigins: { Quantity: 1, Items: ["*"] } })
    expect(SecurityHeadersConfig).toEqual({ ContentTypeOptions: { Override: true } })
    const custom = { Header: "Cross-Origin-Resource-Policy", Value: "cross-origin", Override: true }
    expect(CustomHeadersConfig).toEqual({ Quantity: 1, Items: [custom] })
  })
})

describeOnS3("collect and prune, with the policy that the guide shows", (bucket) => {
  it("make no request that needs another permission, and need each of those but for failures", async () => {
    const storage = bucket().storage({ partSize: 5 * 1024 ** 2, conditionalCreate: "put-and-multipart" })
    const needed = new Set<string>()
    storage.client.middlewareStack.add(
      (next, { commandName = "" }) => {
        needed.add(PERMISSIONS[commandName] ?? `that of ${commandName}`)
        return next
      },
      { step: "initialize", name: "rememberPermissions" },
    )
    const source = await writeFiles({ "a.css": "body { color: red }", "large.bin": new Uint8Array(6 * 1024 ** 2) })
    const config = defineStatic({ storage, sources: [source], cacheFolder: false, compress: false })
    await collect(config)
    // Until the release counts as old, by whole seconds.
    const pass = () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 })
    onTestFinished(() => void vi.useRealTimers())
    pass()
    await writeFiles({ "a.css": "body { color: blue }" }, source)
    await collect(config)
    pass()
    expect((await prune(storage, { olderThan: "1s", keep: 0 })).deleted).toHaveLength(1)

    const allowed = deployer!.Statement.flatMap(({ Action }) => Action)
    const onlyOnFailure = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    expect([...needed].toSorted()).toEqual(allowed.filter((action) => !onlyOnFailure.includes(action)).toSorted())
    expect(allowed).toEqual(expect.arrayContaining(onlyOnFailure))
    expect(deployer!.Statement.map(({ Resource }) => Resource)).toEqual([OBJECTS, OBJECTS.replace("/*", "")])
    expect(deployer!.Statement[1]!.Action).toBe("s3:ListBucket")
  })
})

describe("URLs that are signed for CloudFront", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  })
  const asked: SignerOptions[] = []
  const media = new S3Storage("acme-media", {
    region: "eu-west-1",
    location: "private",
    baseUrl: "https://media.example.com/",
    signedUrls: { expiresIn: "1h", roundTo: "15m" },
    signer: (url, options) => {
      asked.push(options)
      return getSignedUrl({ url, dateLessThan: options.expiresAt, keyPairId: "K2JCJMDEHXQW5F", privateKey })
    },
  })

  /** Whether this URL is what was signed, until that second. */
  function isSigned(resource: string, signed: URL): boolean {
    const seconds = Number(signed.searchParams.get("Expires"))
    const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${seconds}}}}]}`
    const signature = signed.searchParams.get("Signature")!
    const base64 = signature.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/")
    return createVerify("sha1").update(policy).verify(publicKey, base64, "base64")
  }

  it("are signed for their name alone, as it stands in the URL", async () => {
    const signed = new URL(await media.url("films/Größe #1.mp4"))
    const resource = "https://media.example.com/private/films/Gr%C3%B6%C3%9Fe%20%231.mp4"
    expect(signed.origin + signed.pathname).toBe(resource)
    expect(isSigned(resource, signed)).toBe(true)
    expect(isSigned(resource.replace("1.mp4", "2.mp4"), signed)).toBe(false)
  })

  it("are the same within the window, and hold for at least as long as was asked", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    onTestFinished(() => void vi.useRealTimers())
    expect(await media.url("a.png")).toBe(await media.url("a.png"))
    const { signedAt, expiresAt } = asked.at(-1)!
    expect(signedAt.getTime() % 900_000).toBe(0)
    const left = expiresAt.getTime() - Date.now()
    expect(left).toBeGreaterThanOrEqual(3_600_000 - 1000)
    expect(left).toBeLessThanOrEqual(4_500_000)
  })
})
