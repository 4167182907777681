import { createSign, generateKeyPairSync } from "node:crypto"
import { Storage as Client } from "@google-cloud/storage"
import { GCSStorage } from "@node-storages/gcs"
import { GoogleAuth, OAuth2Client } from "google-auth-library"
import { type BenchRow, OURS, type Subject, type Work } from "../harness/row.ts"
import { type LateGcs, startLateGcs } from "../servers/late-gcs.ts"
import { signing, signingAtOnce } from "./signing.ts"

const bucket = "acme-media"
const FLOOR = "floor: RSA-2048"
const HOUR = 3600 * 1000
/** As many as a page with a gallery has. */
const AT_ONCE = 64

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const credentials = {
  client_email: "media@acme.iam.gserviceaccount.com",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
}

function bareSignature(name: string): string {
  return createSign("RSA-SHA256").update(`GOOG4-RSA-SHA256\n20260131T090000Z\n${name}`).sign(privateKey, "hex")
}

function official(): (name: string) => Promise<unknown> {
  const files = new Client({ credentials, projectId: "acme" }).bucket(bucket)
  return (name) => files.file(name).getSignedUrl({ version: "v4", action: "read", expires: Date.now() + HOUR })
}

/** URLs of an object, signed with a service account's key, through the public interfaces. */
export const gcsSign: BenchRow = {
  title: "Sign one GCS URL",
  warmups: 3,
  unit: "URL",
  times: 512,
  ratioOf: "cpu",
  base: FLOOR,
  goals: [
    { base: FLOOR, atMost: 1 / 0.9 },
    { base: "SDK", atMost: 1 / 2 },
  ],
  subjects: {
    [FLOOR]: async () => signing(bareSignature),
    SDK: async () => signing(official()),
    [OURS]: async () => {
      const storage = new GCSStorage(bucket, { credentials })
      return signing((name) => storage.url(name))
    },
    [`SDK, ${AT_ONCE} at once`]: async () => signingAtOnce(AT_ONCE, official()),
    [`${OURS}, ${AT_ONCE} at once`]: async () => {
      const storage = new GCSStorage(bucket, { credentials })
      return signingAtOnce(AT_ONCE, (name) => storage.url(name))
    },
    [`${OURS}, rounded`]: async () => {
      const storage = new GCSStorage(bucket, { credentials, signedUrls: { roundTo: "15m" } })
      return signing((name) => storage.url(name.replace(/\d+/, (digits) => String(Number(digits) % 100))))
    },
  },
}

/** Of IAM, in milliseconds. */
const LATENCY = 5

/** Who has a token and no key, as the account of a machine. */
function keyless(work: (server: LateGcs, authClient: OAuth2Client, signingEndpoint: string) => Work): Subject {
  return async () => {
    const server = await startLateGcs(LATENCY)
    const authClient = new OAuth2Client()
    authClient.setCredentials({ access_token: server.token, expiry_date: Date.now() + HOUR })
    return {
      ...work(server, authClient, `${server.endpoint}/v1/projects/-/serviceAccounts/`),
      close: () => server.stop(),
    }
  }
}

const officialKeyless = (sign: (one: (name: string) => Promise<unknown>) => Work) =>
  keyless(({ endpoint, account }, authClient, signingEndpoint) => {
    const auth = new GoogleAuth({ authClient })
    // What it would ask the machine for.
    auth.getCredentials = async () => ({ client_email: account })
    const client = new Client({ apiEndpoint: endpoint, useAuthWithCustomEndpoint: true, projectId: "acme" })
    client.authClient = auth
    const files = client.bucket("bench")
    const config = { version: "v4", action: "read", signingEndpoint } as const
    return sign((name) => files.file(name).getSignedUrl({ ...config, expires: Date.now() + HOUR }))
  })

const oursKeyless = (sign: (one: (name: string) => Promise<unknown>) => Work, signedUrls: { roundTo?: "15m" } = {}) =>
  keyless(({ endpoint, account }, authClient, signingEndpoint) => {
    const options = { apiEndpoint: endpoint, authClient, signingEndpoint, serviceAccountEmail: account, signedUrls }
    const storage = new GCSStorage("bench", options)
    return sign((name) => storage.url(name))
  })

/** URLs that IAM signs, which takes one text with a request. */
export const gcsSignKeyless: BenchRow = {
  title: `Sign one GCS URL by IAM, ${LATENCY} ms away`,
  unit: "URL",
  times: 128,
  rounds: 5,
  ratioOf: "wall",
  base: "SDK",
  goals: [{ subject: `${OURS}, rounded`, base: "SDK", atMost: 0.05 }],
  subjects: {
    SDK: officialKeyless(signing),
    [OURS]: oursKeyless(signing),
    [`SDK, ${AT_ONCE} at once`]: officialKeyless((one) => signingAtOnce(AT_ONCE, one)),
    [`${OURS}, ${AT_ONCE} at once`]: oursKeyless((one) => signingAtOnce(AT_ONCE, one)),
    [`${OURS}, rounded`]: oursKeyless(
      (one) => signing((name) => one(name.replace(/\d+/, (digits) => String(Number(digits) % 100)))),
      { roundTo: "15m" },
    ),
  },
}
