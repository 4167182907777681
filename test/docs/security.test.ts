import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { prefix } from "@node-storages/core"
import { nodeHandler, serveStorage } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { S3Storage } from "@node-storages/s3"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly publishConfig?: { readonly provenance?: boolean }
}

const manifests = globSync("packages/*/package.json", { cwd: ROOT }).map(
  (path) => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Manifest,
)
const foreign = (name: string) =>
  Object.keys(manifests.find((manifest) => manifest.name === name)?.dependencies ?? {}).filter(
    (dependency) => !dependency.startsWith("@node-storages/"),
  )

describe("docs/security.md", () => {
  it("is right about dependencies: core and local disk have none", () => {
    expect(foreign("@node-storages/core")).toEqual([])
    expect(foreign("@node-storages/local")).toEqual([])
  })

  it("is right about packages: none runs a script when it is installed, each has a provenance statement", () => {
    expect(manifests.length).toBeGreaterThan(10)
    expect(manifests.filter(({ scripts }) => scripts !== undefined)).toEqual([])
    expect(manifests.filter(({ publishConfig }) => publishConfig?.provenance !== true)).toEqual([])
  })

  it("is right about what is private: a bucket without options, and a storage with signing keys", async () => {
    const credentials = { accessKeyId: "id", secretAccessKey: "secret" }
    const bucket = new S3Storage("acme-media", { region: "eu-west-1", credentials })
    expect(new URL(await bucket.url("a.txt")).searchParams.get("X-Amz-Expires")).toBe("3600")
    expect(() => bucket.publicUrl("a.txt")).toThrow(expect.objectContaining({ code: "unsupported" }))
    const keys = new MemoryStorage({ baseUrl: "/media/", signingKeys: ["k".repeat(32)] })
    expect(await keys.url("a.txt")).toContain("?signed=")
    expect(() => keys.publicUrl("a.txt")).toThrow(expect.objectContaining({ code: "unsupported" }))
  })

  it("is right about a handler over a private bucket: who may read has to be said", () => {
    const region = "eu-west-1"
    const bucket = new S3Storage("acme-media", { region })
    expect(() => serveStorage(bucket)).toThrow(expect.objectContaining({ code: "invalid-option" }))
    expect(() => nodeHandler(bucket.with(prefix("a/")), { delivery: "redirect" })).toThrow(
      /s3:\/\/acme-media\/a is private/,
    )
    expect(() => serveStorage(bucket, { authorize: () => true })).not.toThrow()
    expect(() => serveStorage(new S3Storage("acme-media", { region, signedUrls: false }))).not.toThrow()
    expect(() => serveStorage(new S3Storage("acme-media", { region, baseUrl: "https://m.example.com/" }))).not.toThrow()
    expect(() => serveStorage(new MemoryStorage())).not.toThrow()
  })
})
