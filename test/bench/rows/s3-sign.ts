import { createHmac, createSecretKey, hash } from "node:crypto"
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { S3Storage } from "@node-storages/s3"
import { peer } from "../harness/peers.ts"
import { type BenchRow, OURS, type Subject } from "../harness/row.ts"

const region = "eu-west-1"
const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
const bucket = "acme-media"

/** Another name each time, as a page with a gallery asks for. */
function signing(sign: (name: string) => unknown): ReturnType<Subject> {
  let number = 0
  return Promise.resolve({
    async run(times) {
      for (let done = 0; done < times; done++) await sign(`avatars/${number++}.png`)
    },
  })
}

/** Signed S3 GET URLs, through the public interfaces. */
export const s3Sign: BenchRow = {
  title: "Sign one S3 GET URL",
  unit: "URL",
  times: 3000,
  ratioOf: "cpu",
  base: "SDK",
  goals: [{ base: "SDK", atMost: 1 / 25 }],
  subjects: {
    "floor: one SHA-256, one HMAC": () => {
      const key = createSecretKey(createHmac("sha256", "key").update("day").digest())
      return signing((name) =>
        createHmac("sha256", key)
          .update(hash("sha256", `GET /${name} ${"x".repeat(300)}`))
          .digest("hex"),
      )
    },
    SDK: () => {
      const client = new S3Client({ region, credentials })
      return signing((name) =>
        getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: name }), { expiresIn: 3600 }),
      )
    },
    [OURS]: () => {
      const storage = new S3Storage(bucket, { region, credentials })
      return signing((name) => storage.url(name))
    },
    [`${OURS}, rounded`]: () => {
      const storage = new S3Storage(bucket, { region, credentials, signedUrls: { roundTo: "15m" } })
      return signing((name) => storage.url(name.replace(/\d+/, (digits) => String(Number(digits) % 100))))
    },
    flydrive: async () => {
      const { Disk } = await peer<{ Disk: new (driver: unknown) => { getSignedUrl(key: string): Promise<string> } }>(
        "flydrive",
      )
      const { S3Driver } = await peer<{ S3Driver: new (options: object) => unknown }>("flydrive/drivers/s3")
      const disk = new Disk(new S3Driver({ region, credentials, bucket, visibility: "private" }))
      return signing((name) => disk.getSignedUrl(name))
    },
  },
}
