import {
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3"
import type { CopyOptions, FileInfo } from "@node-storages/core"
import { throwIfAborted } from "@node-storages/core"
import { commit } from "@node-storages/core/adapter"
import { cancelledBy, type Connection } from "./connection.ts"
import { customerKey, infoOfAnswer, type objectTarget } from "./headers.ts"
import { statusOf } from "./s3-errors.ts"
import { encodeStrictly } from "./signature.ts"

const PARALLEL_PARTS = 8

/** What names the source, in this bucket or another one of the service. */
export type CopySource = ReturnType<typeof objectTarget>

/** Copies by the service: in one request, or by parts above the limit of one. Undefined where there is no source. */
export async function copyObject(
  connection: Connection,
  from: CopySource,
  to: string,
  { signal }: CopyOptions,
): Promise<FileInfo | undefined> {
  const { client, settings } = connection
  let source: HeadObjectCommandOutput
  try {
    source = await client.send(new HeadObjectCommand(from), cancelledBy(signal))
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
  const { Metadata: _, ...parameters } = settings.objectParameters(to)
  const shared = {
    ...(settings.acl && { ACL: settings.acl }),
    ...encryptionAndClass(parameters),
    Bucket: settings.bucket,
    Key: to,
    CopySource: `${from.Bucket}/${from.Key.split("/").map(encodeStrictly).join("/")}`,
    CopySourceIfMatch: source.ETag,
    ...(from.SSECustomerKey && {
      CopySourceSSECustomerAlgorithm: from.SSECustomerAlgorithm,
      CopySourceSSECustomerKey: from.SSECustomerKey,
      CopySourceSSECustomerKeyMD5: from.SSECustomerKeyMD5,
    }),
  }
  const size = source.ContentLength ?? 0
  if (size > settings.copyPartSize) {
    const ETag = await copyParts(connection, shared, source, size, signal)
    return { ...infoOfAnswer(settings, to, { ...source, ETag }, size), modified: new Date() }
  }
  const answer = await commit(signal, (cut) => client.send(new CopyObjectCommand(shared), cancelledBy(cut)))
  const { ETag = source.ETag, LastModified = new Date() } = answer.CopyObjectResult ?? {}
  // The copy is encrypted as its own bucket says, not as the source was.
  const { ServerSideEncryption, SSECustomerAlgorithm } = answer
  const copied = { ...source, ETag, LastModified, ServerSideEncryption, SSECustomerAlgorithm }
  return infoOfAnswer(settings, to, copied, size)
}

type Parameters = ReturnType<Connection["settings"]["objectParameters"]>

/** What a copy does not inherit from its source. */
function encryptionAndClass(parameters: Parameters): Parameters {
  const { StorageClass, ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled, ACL } = parameters
  const chosen = { StorageClass, ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled, ACL }
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined))
  return { ...given, ...customerKey(parameters) }
}

type CopyTarget = {
  Bucket: string
  Key: string
  CopySource: string
  CopySourceIfMatch: string | undefined
} & Parameters

async function copyParts(
  { client, settings }: Connection,
  shared: CopyTarget,
  source: HeadObjectCommandOutput,
  size: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { CopySource: _source, CopySourceIfMatch: _version, ...target } = shared
  const create = new CreateMultipartUploadCommand({
    ...target,
    ContentType: source.ContentType,
    CacheControl: source.CacheControl,
    ContentDisposition: source.ContentDisposition,
    ContentEncoding: source.ContentEncoding,
    ContentLanguage: source.ContentLanguage,
    Metadata: source.Metadata,
  })
  const { UploadId } = await commit(signal, (cut) => client.send(create, cancelledBy(cut)))
  const upload = { Bucket: target.Bucket, Key: target.Key, UploadId }
  const count = Math.ceil(size / settings.copyPartSize)
  const parts: CompletedPart[] = []
  const stop = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  let next = 1
  const worker = async () => {
    while (next <= count && !abortSignal.aborted) {
      const number = next++
      const start = (number - 1) * settings.copyPartSize
      const end = Math.min(start + settings.copyPartSize, size) - 1
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...shared,
          ...upload,
          PartNumber: number,
          CopySourceRange: `bytes=${start}-${end}`,
        }),
        { abortSignal },
      )
      parts.push({ PartNumber: number, ETag: CopyPartResult?.ETag })
    }
  }
  try {
    const workers = Array.from({ length: Math.min(PARALLEL_PARTS, count) }, () =>
      worker().catch((error: unknown) => {
        stop.abort(error)
        throw error
      }),
    )
    const failed = (await Promise.allSettled(workers)).find((result) => result.status === "rejected")
    throwIfAborted(signal, "copy")
    if (failed) throw failed.reason
    parts.sort((a, b) => a.PartNumber! - b.PartNumber!)
    const command = new CompleteMultipartUploadCommand({
      ...upload,
      ...customerKey(target),
      MultipartUpload: { Parts: parts },
    })
    const completed = await commit(signal, (cut) => client.send(command, cancelledBy(cut)))
    return completed.ETag
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {})
    throw error
  }
}
