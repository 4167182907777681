import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { crc32 } from "node:zlib"
import type { S3Client } from "@aws-sdk/client-s3"
import { StorageError } from "@node-storages/core"

/** All of a body. The connection can be used again after that. @throws where it is cut short */
export async function collected(body: unknown, { config }: S3Client): Promise<Buffer> {
  if (body === undefined) return EMPTY
  if (!(body instanceof Readable)) return Buffer.from(await config.streamCollector(body))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.on("data", (chunk: Buffer) => chunks.push(chunk))
    body.on("error", reject)
    body.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    body.on("close", () => {
      if (!body.readableEnded) reject(Object.assign(new Error("aborted"), { code: "ECONNRESET" }))
    })
  })
}

const EMPTY = Buffer.alloc(0)

interface Digest {
  update(chunk: Uint8Array): unknown
  digest(): Buffer
}

/** The digests that a service may tell with a body, of which Node has native code. */
const NATIVE: Readonly<Record<string, () => Digest>> = {
  "x-amz-checksum-crc32": () => new Crc32(),
  "x-amz-checksum-sha1": () => createHash("sha1"),
  "x-amz-checksum-sha256": () => createHash("sha256"),
}

/** What a service tells of the body that it sends. */
export interface ToldChecksum {
  readonly header: string
  /** In Base64. */
  readonly digest: string
}

/**
 * The digest of the whole body; `"foreign"` where there are only such as Node has no native code for. A digest with
 * `-` is one of the digests of parts, which says nothing of the bytes as such.
 */
export function toldChecksum(headers: Readonly<Record<string, string>>): ToldChecksum | "foreign" | undefined {
  let foreign = false
  for (const header in headers) {
    if (!header.startsWith("x-amz-checksum-") || header === "x-amz-checksum-type") continue
    const digest = headers[header]!
    if (digest.includes("-")) continue
    if (header in NATIVE) return { header, digest }
    foreign = true
  }
  return foreign ? "foreign" : undefined
}

/** The chunks, whose end is reached only if they have the digest. @throws StorageError `checksum-mismatch` */
export async function* compared(
  chunks: AsyncIterable<Uint8Array>,
  { header, digest }: ToldChecksum,
): AsyncGenerator<Uint8Array> {
  const hash = NATIVE[header]!()
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const received = hash.digest().toString("base64")
  if (received === digest) return
  throw new StorageError(
    "checksum-mismatch",
    `The body was sent with ${header}: ${digest}, and what arrived has ${received}. What was read must not be used; read it again.`,
  )
}

class Crc32 implements Digest {
  #value = 0

  update(chunk: Uint8Array): this {
    this.#value = crc32(chunk, this.#value)
    return this
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(this.#value)
    return bytes
  }
}

/** As a request's `x-amz-checksum-crc32` has it. */
export function crc32Of(body: Uint8Array | string): string {
  return new Crc32().update(Buffer.from(body)).digest().toString("base64")
}
