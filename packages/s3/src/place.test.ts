import { S3Client } from "@aws-sdk/client-s3"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { S3Storage, type S3StorageOptions } from "./index.ts"

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "very-secret-key" }
const endpoint = "https://s3.example.com"

function placeOf(options: S3StorageOptions, key = "a.txt") {
  return new S3Storage("acme-media", options).driver.place!(key)
}

function sameService(one: S3StorageOptions, other: S3StorageOptions): boolean {
  return placeOf(one)!.service === placeOf(other)!.service
}

beforeEach(() => {
  for (const name of ["AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"]) vi.stubEnv(name, "")
})
afterEach(() => void vi.unstubAllEnvs())

describe("the place of an object", () => {
  it("is its bucket and its whole key, told without a request and without a secret", () => {
    const place = placeOf({ region: "eu-west-1", credentials, location: "uploads" })
    expect(place).toMatchObject({ bucket: "acme-media", key: "uploads/a.txt" })
    expect(JSON.stringify(placeOf({ endpoint, region: "eu-west-1", credentials }))).not.toContain("very-secret-key")
  })

  it("is on the same service for every region of an AWS partition, whoever asks: names of buckets are unique there", () => {
    expect(sameService({ region: "eu-west-1", credentials }, { region: "us-east-1" })).toBe(true)
    vi.stubEnv("AWS_REGION", "ap-south-1")
    expect(sameService({}, { region: "us-east-1" })).toBe(true)
  })

  it.each([
    ["another partition", { region: "eu-west-1" }, { region: "cn-north-1" }],
    ["the government's partition", { region: "us-east-1" }, { region: "us-gov-east-1" }],
    ["a region that is not known yet", { region: "eu-west-1" }, {}],
    ["another endpoint", { endpoint, credentials }, { endpoint: "https://s3.example.org", credentials }],
    ["AWS and another service", { region: "eu-west-1", credentials }, { endpoint, region: "eu-west-1", credentials }],
    [
      "another account of a compatible service, which may have buckets of the same names",
      { endpoint, credentials },
      { endpoint, credentials: { ...credentials, accessKeyId: "ANOTHER" } },
    ],
    ["two clients of the caller's", { client: new S3Client({}) }, { client: new S3Client({}) }],
    ["a storage that decodes what it reads", { region: "eu-west-1" }, { region: "eu-west-1", gzip: true }],
  ] satisfies [string, S3StorageOptions, S3StorageOptions][])("is on another service for %s", (_, one, other) => {
    expect(sameService(one, other)).toBe(false)
  })

  it("is on the same service for one endpoint and account, however they are written, and for one client", () => {
    expect(sameService({ endpoint, credentials }, { endpoint: `${endpoint}/`, credentials: { ...credentials } })).toBe(
      true,
    )
    expect(sameService({ endpoint: "https://S3.example.com:443", credentials }, { endpoint, credentials })).toBe(true)
    const provider = async () => credentials
    expect(sameService({ endpoint, credentials: provider }, { endpoint, credentials: provider })).toBe(true)
    const client = new S3Client({})
    expect(sameService({ client }, { client })).toBe(true)
  })

  it("is not told of an object under the customer's own key, which another storage has not got", () => {
    const objectParameters = (key: string) =>
      key.startsWith("secret/") ? { SSECustomerAlgorithm: "AES256", SSECustomerKey: "k".repeat(32) } : {}
    expect(placeOf({ region: "eu-west-1", objectParameters }, "secret/a.txt")).toBeUndefined()
    expect(placeOf({ region: "eu-west-1", objectParameters }, "open/a.txt")).toBeDefined()
  })
})
