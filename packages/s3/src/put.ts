import { addAbortSignal, Readable } from "node:stream"
import type { PutObjectCommandInput } from "@aws-sdk/client-s3"
import { type FileInfo, type PutBody, type PutOptions, StorageError } from "@node-storages/core"
import { commit, firstFreeKey, putBySize, putUnderFreeKey, takenError } from "@node-storages/core/adapter"
import type { ConditionSupport } from "./condition-support.ts"
import { type Connection, targetOf } from "./connection.ts"
import { infoAfterPut, objectTarget, putParameters, quoted } from "./headers.ts"
import { checkEtag, etagIsMd5, md5Of } from "./integrity.ts"
import { uploadMultipart } from "./multipart.ts"
import { attemptsOf, nameOf, statusOf } from "./s3-errors.ts"
import { LARGEST_PUT, MOST_PARTS } from "./s3-options.ts"
import { spool } from "./spool.ts"

/** Bytes that can be sent as one request, more than once. */
interface SinglePut {
  readonly size: number
  readonly md5: Uint8Array | undefined
  body(): Uint8Array | Readable
}

/** Stores a body in one request up to the part size, above it in parts; conditionally where that was asked for. */
export async function putObject(
  connection: Connection,
  conditions: ConditionSupport,
  key: string,
  given: PutBody,
  options: PutOptions,
): Promise<FileInfo> {
  const { requests, settings } = connection
  const inOnePut = await mustGoInOnePut(connection, conditions, key, options)
  const exists = async (name: string) => {
    try {
      await requests.head(objectTarget(settings, name), options.signal)
      return true
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw error
    }
  }
  return putBySize(given, options, {
    compressedTypes: settings.compressedTypes,
    limit: settings.partSize,
    limitInMemory: inOnePut ? Infinity : settings.partSize,
    whole: (bytes, headers) => putSingle(connection, key, fromBytes(connection, bytes), headers),
    async long(body, headers) {
      const target = targetOf(settings)
      if (inOnePut) {
        const free = await firstFreeKey(target, key, options, exists)
        return putFromFile(connection, free, body.stream, headers)
      }
      return putUnderFreeKey(key, body, options, {
        target,
        exists,
        send: (name, stream) => putMultipart(connection, name, stream, body.size, headers),
        isTaken: (error) => statusOf(error) === 412 || nameOf(error) === "ConditionalRequestConflict",
      })
    },
  })
}

async function putFromFile(
  connection: Connection,
  key: string,
  stream: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<FileInfo> {
  const { file, size, md5 } = await spool(stream)
  try {
    return await putSingle(connection, key, { size, md5, body: () => Readable.from(file.read()) }, options)
  } finally {
    await file.close()
  }
}

/** Whether a condition is asked for that the service holds for PutObject only. */
async function mustGoInOnePut(
  { settings, compatible }: Connection,
  conditions: ConditionSupport,
  key: string,
  { ifAbsent, ifMatch, signal }: PutOptions,
): Promise<boolean> {
  if (ifAbsent) return (await conditions.create(key, signal)) === "put"
  return (
    ifMatch !== undefined &&
    (settings.conditionalCreate ?? (compatible ? "put" : "put-and-multipart")) !== "put-and-multipart"
  )
}

function fromBytes(connection: Connection, bytes: Uint8Array): SinglePut {
  if (bytes.byteLength > LARGEST_PUT) {
    throw new StorageError(
      "unsupported",
      "This service takes at most 5 GiB in a conditional put; write() without a condition has no such limit.",
    )
  }
  return { size: bytes.byteLength, md5: connection.compatible ? md5Of(bytes) : undefined, body: () => bytes }
}

async function putSingle(
  connection: Connection,
  key: string,
  single: SinglePut,
  options: PutOptions,
): Promise<FileInfo> {
  const { requests, settings } = connection
  let target = key
  for (;;) {
    const params = conditional(putParameters(settings, target, options), options)
    const body = single.body()
    const input = {
      ...params,
      Body: body instanceof Readable ? untilAborted(body, options.signal) : body,
      ContentLength: single.size,
      ...(single.md5 && { ContentMD5: Buffer.from(single.md5).toString("base64") }),
    }
    try {
      const answer = await commit(options.signal, (cut) => requests.put(input, cut))
      // A bucket may encrypt without being asked to: then the answer tells.
      const verifies = etagIsMd5(params) && etagIsMd5(answer)
      if (single.md5 && verifies) await verify(connection, target, answer.ETag, single.md5)
      return infoAfterPut(settings, target, single.size, answer, options)
    } catch (error) {
      const isTaken = options.ifAbsent && (statusOf(error) === 412 || nameOf(error) === "ConditionalRequestConflict")
      if (!isTaken) throw error
      const ours = await storedByLostAttempt(connection, target, single, error)
      if (ours) return infoAfterPut(settings, target, single.size, { ETag: ours }, options)
      if (!options.nextKey) {
        if (statusOf(error) === 412) throw takenError(targetOf(settings), target, error)
        throw error
      }
      target = options.nextKey()
    } finally {
      if (body instanceof Readable) body.destroy()
    }
  }
}

/**
 * The entity tag, where the key is taken by this very put: the SDK repeats a request whose answer was lost, and the
 * service then refuses the repetition. Told by the bytes' MD5, and only after a repetition.
 */
async function storedByLostAttempt(
  { requests, settings }: Connection,
  key: string,
  single: SinglePut,
  error: unknown,
): Promise<string | undefined> {
  if (attemptsOf(error) < 2) return undefined
  const body = single.body()
  const md5 = single.md5 ?? (body instanceof Uint8Array ? md5Of(body) : undefined)
  if (body instanceof Readable) body.destroy()
  const { ETag } = await requests.head(objectTarget(settings, key))
  return md5 && quoted(ETag) === `"${Buffer.from(md5).toString("hex")}"` ? ETag : undefined
}

/** The stream, which fails when the signal aborts: a body that is not whole is never stored. */
function untilAborted(body: Readable, signal: AbortSignal | undefined): Readable {
  // It may abort while nobody reads the stream yet, and an error that nobody hears ends the process.
  body.on("error", () => {})
  return signal ? addAbortSignal(signal, body) : body
}

function conditional(params: Omit<PutObjectCommandInput, "Body">, { ifAbsent, ifMatch }: PutOptions): typeof params {
  return { ...params, ...(ifAbsent && { IfNoneMatch: "*" }), ...(ifMatch !== undefined && { IfMatch: ifMatch }) }
}

/** A mismatch is not left behind. */
async function verify(
  { requests, settings }: Connection,
  key: string,
  etag: string | undefined,
  md5: Uint8Array,
): Promise<void> {
  try {
    checkEtag(etag, md5, JSON.stringify(key))
  } catch (error) {
    await requests.delete({ Bucket: settings.bucket, Key: key }).catch(() => {})
    throw error
  }
}

async function putMultipart(
  connection: Connection,
  key: string,
  stream: AsyncIterable<Uint8Array>,
  size: number | undefined,
  options: PutOptions,
): Promise<FileInfo> {
  const { client, settings } = connection
  const params = conditional(putParameters(settings, key, options), options)
  const uploaded = await uploadMultipart(client, params, stream, {
    partSize: Math.max(settings.partSize, Math.ceil((size ?? 0) / MOST_PARTS)),
    concurrency: settings.uploadConcurrency,
    signal: options.signal,
    compatible: connection.compatible,
  })
  return infoAfterPut(settings, key, uploaded.size, { ETag: uploaded.etag }, options)
}
