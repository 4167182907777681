import assert from "node:assert/strict"
import type { MultipartUpload, Storage } from "@node-storages/core"
import type { TestContext } from "../suite.ts"
import { noise } from "./contents.ts"

/** What of a test's context is needed to send parts. */
export type Sending = Pick<TestContext, "fetch" | "options">

/** In bytes: that of all parts but the last, as small as the service takes it, but not so small that it hides a fault. */
export function partSize({ limits }: MultipartUpload): number {
  return Math.max(limits.smallest, 5000)
}

/** This many parts, of which the last is shorter, and the bytes of all. */
export function partsFor(
  upload: MultipartUpload,
  count: number,
): { parts: readonly Uint8Array<ArrayBuffer>[]; whole: Uint8Array<ArrayBuffer> } {
  const size = partSize(upload)
  const whole = noise((count - 1) * size + 777)
  const parts = Array.from({ length: count }, (_, index) => whole.subarray(index * size, (index + 1) * size))
  return { parts, whole }
}

/** Sends a part as a browser does, straight to the service; where nothing serves the storage, through the app. */
export async function sendPart(
  upload: MultipartUpload,
  number: number,
  bytes: Uint8Array<ArrayBuffer>,
  { fetch, options }: Sending,
): Promise<void> {
  if (options.urls?.notServed !== undefined) {
    await upload.storePart(number, bytes)
    return
  }
  const signed = await upload.signPart(number, { size: bytes.byteLength })
  assert.deepEqual([signed.method, signed.fields], ["PUT", {}])
  assert.ok(signed.expiresAt.getTime() > Date.now())
  const status = await putTo(signed.url, signed.headers, bytes, fetch)
  assert.ok(status >= 200 && status < 300, `part ${number} was answered with ${status}`)
}

/** The status of a PUT. A client may refuse by itself to send a body that belies its Content-Length: that is a 400. */
export async function putTo(
  url: string,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array<ArrayBuffer>,
  fetch: TestContext["fetch"],
): Promise<number> {
  try {
    const response = await fetch(url, { method: "PUT", headers, body: bytes, redirect: "manual" })
    await response.bytes()
    return response.status
  } catch {
    return 400
  }
}

/** An upload with all these parts sent, but not completed. */
export async function uploadParts(
  storage: Storage,
  name: string,
  count: number,
  sending: Sending,
): Promise<{ upload: MultipartUpload; whole: Uint8Array<ArrayBuffer> }> {
  const upload = await storage.startMultipart(name)
  const { parts, whole } = partsFor(upload, count)
  for (const [index, bytes] of parts.entries()) await sendPart(upload, index + 1, bytes, sending)
  return { upload, whole }
}

/** How many bytes each part has that has arrived, by number. */
export async function arrived(upload: MultipartUpload): Promise<readonly (readonly [number: number, size: number])[]> {
  return (await upload.parts()).map(({ number, size }) => [number, size])
}
