import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  DeleteObjectsCommand,
  type DeleteObjectsCommandInput,
  type DeleteObjectsCommandOutput,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3"
import { cancelledBy } from "../connection.ts"

type PutAnswer = Pick<PutObjectCommandOutput, "ETag" | "ServerSideEncryption" | "SSECustomerAlgorithm">
export type HeadAnswer = Omit<HeadObjectCommandOutput, "$metadata">
export type GetAnswer = Omit<GetObjectCommandOutput, "$metadata" | "Body"> & {
  readonly Body: AsyncIterable<Uint8Array>
}
export type ListAnswer = Pick<
  ListObjectsV2CommandOutput,
  "Contents" | "CommonPrefixes" | "EncodingType" | "IsTruncated" | "NextContinuationToken"
>
export type DeleteManyAnswer = Pick<DeleteObjectsCommandOutput, "Errors">

/**
 * The requests of which an app makes many: one each, with the parameters, the answers and the errors of the official
 * client.
 */
export interface ObjectRequests {
  put(input: PutObjectCommandInput, signal?: AbortSignal): Promise<PutAnswer>
  head(input: HeadObjectCommandInput, signal?: AbortSignal): Promise<HeadAnswer>
  get(input: GetObjectCommandInput, signal?: AbortSignal): Promise<GetAnswer>
  delete(input: DeleteObjectCommandInput, signal?: AbortSignal): Promise<void>
  deleteMany(input: DeleteObjectsCommandInput, signal?: AbortSignal): Promise<DeleteManyAnswer>
  list(input: ListObjectsV2CommandInput, signal?: AbortSignal): Promise<ListAnswer>
}

/** By the official client. */
export function officialRequests(client: S3Client): ObjectRequests {
  return {
    put: (input, signal) => client.send(new PutObjectCommand(input), cancelledBy(signal)),
    head: (input, signal) => client.send(new HeadObjectCommand(input), cancelledBy(signal)),
    async get(input, signal) {
      const answer = await client.send(new GetObjectCommand(input), cancelledBy(signal))
      return { ...answer, Body: answer.Body as AsyncIterable<Uint8Array> }
    },
    async delete(input, signal) {
      await client.send(new DeleteObjectCommand(input), cancelledBy(signal))
    },
    deleteMany: (input, signal) => client.send(new DeleteObjectsCommand(input), cancelledBy(signal)),
    list: (input, signal) => client.send(new ListObjectsV2Command(input), cancelledBy(signal)),
  }
}
