import { afterEach, describe, expect, test, vi } from "vitest"
import { redacted } from "./redact.ts"

afterEach(() => vi.unstubAllEnvs())

describe("what is printed", () => {
  test.each([
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "MEDIA_SIGNING_KEYS",
    "DATABASE_PASSWORD",
    "STRIPE_API_KEY",
  ])("is without the value of %s, also as it stands in URLs", (name) => {
    vi.stubEnv(name, "a/secret+value=")
    expect(redacted("got a/secret+value= and a%2Fsecret%2Bvalue%3D")).toBe("got … and …")
  })

  test("keeps what is no secret, and words that are short", () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    vi.stubEnv("AWS_REGION", "eu-west-1")
    vi.stubEnv("SHORT_TOKEN", "dev")
    const text = "AKIAIOSFODNN7EXAMPLE in eu-west-1 on dev, https://s3.example.com/bucket/a@b.png?x=1"
    expect(redacted(text)).toBe(text)
  })

  test("is without the password of a URL in the environment, wherever it turns up", () => {
    vi.stubEnv("MEDIA_STORAGE_URL", "s3://KEY:pass%2Fword-of-it@bucket?region=x")
    expect(redacted("pass/word-of-it; pass%2Fword-of-it")).toBe("…; …")
    expect(redacted("s3://KEY:pass%2Fword-of-it@bucket?region=x")).toBe("s3://…@bucket?region=x")
  })

  test("is without the parts of a connection string", () => {
    vi.stubEnv("ACME_CONNECTION", "AccountName=acme;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=core.windows.net")
    expect(redacted("the key c2VjcmV0LWtleQ== of acme")).toBe("the key … of acme")
  })

  test("is without the credentials of a URL that is mistyped", () => {
    expect(redacted('In which storage is "s3//KEY:hunter22@bucket"?')).toBe('In which storage is "s3//…@bucket"?')
  })

  test("is without the signatures of URLs", () => {
    expect(redacted("https://b.s3.amazonaws.com/a?X-Amz-Date=1&X-Amz-Signature=abcdef0123&x-id=GetObject")).toBe(
      "https://b.s3.amazonaws.com/a?X-Amz-Date=1&X-Amz-Signature=…&x-id=GetObject",
    )
    expect(redacted("https://acme.blob.core.windows.net/m/a?sp=r&sig=abc%2Fdef%3D")).toMatch(/\?sp=r&sig=…$/)
  })
})
