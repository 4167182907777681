import { createHmac, createSecretKey, hash } from "node:crypto"
import { S3Storage } from "@node-storages/s3"
import { type BenchRow, type Context, OURS, type Subject, type Work } from "../harness/row.ts"
import { subjectsOf } from "../s3-clients/object-client.ts"
import { ours, sdk } from "../s3-clients/official.ts"
import { aws4fetch, filesSdk, flydrive, flystorage, s3mini } from "../s3-clients/peers.ts"

const CLIENTS = { SDK: sdk, [OURS]: ours }
/** Not tweedegolf's, which asks the service before it signs. */
const PEERS = { flydrive, flystorage, "files-sdk": filesSdk, s3mini, aws4fetch }

/** No server: nothing is sent. An empty endpoint is AWS. */
const AWS: Context["s3"] = {
  endpoint: "",
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
  bucket: "acme-media",
}

/** Another name each time, as a page with a gallery asks for. */
function signing(sign: (name: string) => unknown): Work {
  let number = 0
  return {
    async run(times) {
      for (let done = 0; done < times; done++) await sign(`avatars/${number++}.png`)
    },
  }
}

/** The same for a library: what it gives must at least look like a signed URL. */
async function signingBy(client: { sign(name: string): unknown }): Promise<Work> {
  const url = String(await client.sign("avatars/checked.png"))
  if (!/avatars\/checked\.png\?.*X-Amz-Signature=[0-9a-f]{64}/.test(url)) throw new Error(`No signed URL: ${url}`)
  return signing((name) => client.sign(name))
}

const subjects = (clients: typeof CLIENTS | typeof PEERS): Record<string, Subject> =>
  subjectsOf(Object.fromEntries(Object.entries(clients).map(([name, make]) => [name, () => make(AWS)])), signingBy)

/** Signed S3 GET URLs, through the public interfaces. */
export const s3Sign: BenchRow = {
  title: "Sign one S3 GET URL",
  unit: "URL",
  times: 3000,
  ratioOf: "cpu",
  base: "SDK",
  goals: [{ base: "SDK", atMost: 1 / 25 }],
  subjects: {
    "floor: one SHA-256, one HMAC": async () => {
      const key = createSecretKey(createHmac("sha256", "key").update("day").digest())
      return signing((name) =>
        createHmac("sha256", key)
          .update(hash("sha256", `GET /${name} ${"x".repeat(300)}`))
          .digest("hex"),
      )
    },
    ...subjects(CLIENTS),
    // A hundred names, again and again.
    [`${OURS}, rounded`]: async () => {
      const { bucket, region, credentials } = AWS
      const storage = new S3Storage(bucket, { region, credentials, signedUrls: { roundTo: "15m" } })
      return signing((name) => storage.url(name.replace(/\d+/, (digits) => String(Number(digits) % 100))))
    },
    ...subjects(PEERS),
  },
}
