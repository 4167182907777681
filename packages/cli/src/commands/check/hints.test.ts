import type { StorageDriver } from "@node-storages/core"
import { describe, expect, test } from "vitest"
import { corsHint, hintFor, privateHint, publicHint } from "./hints.ts"

const driver = (name: string, target: string): StorageDriver => ({ name, target }) as StorageDriver
const S3 = driver("s3", "s3://acme-media/uploads")
const failure = (service: object): Error => new Error("failed", { cause: Object.assign(new Error("refused"), service) })

describe("the way out", () => {
  test.each([
    ["the header", { $response: { headers: { "x-amz-bucket-region": "eu-west-1" } } }],
    ["the answer", { Region: "eu-west-1" }],
    ["the message", { message: "the region 'us-east-1' is wrong; expecting 'eu-west-1'" }],
  ])("of a wrong region is the right one, by %s", (_where, service) => {
    expect(hintFor(S3, "wrong-region", failure(service))).toBe('The bucket is in eu-west-1: set region: "eu-west-1".')
  })

  test("of a wrong region is none where nobody tells it, or tells no region", () => {
    expect(hintFor(S3, "wrong-region", failure({}))).toBeUndefined()
    expect(hintFor(S3, "wrong-region", failure({ Region: "a b\u001b[31m" }))).toBeUndefined()
  })

  test("of a clock that the service refuses is the clock, and not the credentials", () => {
    expect(hintFor(S3, "unauthenticated", failure({ name: "RequestTimeTooSkewed" }))).toContain("clock is wrong")
    expect(hintFor(S3, "unauthenticated", failure({}))).toContain("AWS_ACCESS_KEY_ID")
  })

  test.each([
    ["s3", "s3://acme-media/uploads", "aws s3 mb s3://acme-media"],
    ["gcs", "gs://acme-media", "gcloud storage buckets create gs://acme-media"],
    ["azure", "azblob://media", "az storage container create --name media"],
  ])("is in the words of %s, without the location", (name, target, command) => {
    expect(hintFor(driver(name, target), "bucket-not-found", failure({}))).toBe(`Create it: ${command}`)
    expect(publicHint(driver(name, target))).toContain("signedUrls: false")
    expect(privateHint(driver(name, target))).toContain("signedUrls: false")
    expect(corsHint(driver(name, target), "https://www.example.com")).toContain("https://www.example.com")
  })

  test("is silent about providers that nobody here knows", () => {
    expect(hintFor(driver("sftp", "sftp://host"), "unauthenticated", failure({}))).toBeUndefined()
    expect(corsHint(driver("sftp", "sftp://host"), "https://a.example")).toContain(
      "Access-Control-Allow-Origin: https://a.example",
    )
  })
})
