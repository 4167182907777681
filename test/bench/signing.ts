import { createHmac, createSecretKey, hash } from "node:crypto"
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { S3Storage } from "@node-storages/s3"
import { rates, type Row } from "./table.ts"

/** Signed S3 GET URLs a second, through the public `url()`. */
export async function signing(): Promise<Row[]> {
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" }
  const client = new S3Client({ region: "eu-west-1", credentials })
  const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials })
  const key = createSecretKey(createHmac("sha256", "key").update("day").digest())
  let number = 0
  const measured = await rates({
    "floor: one SHA-256 and one HMAC": () =>
      createHmac("sha256", key)
        .update(hash("sha256", `GET /avatars/${number++}.png ${"x".repeat(300)}`))
        .digest("hex"),
    "storage.url()": () => storage.url(`avatars/${number++}.png`),
    "SDK getSignedUrl": () =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: "acme-media", Key: `avatars/${number++}.png` }), {
        expiresIn: 3600,
      }),
  })
  const sdk = measured["SDK getSignedUrl"]!
  return Object.entries(measured).map(([name, rate]) => ({
    what: name,
    "per second": Math.round(rate),
    "times the SDK": (rate / sdk).toFixed(1),
  }))
}
