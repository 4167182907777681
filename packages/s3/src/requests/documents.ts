import type { Delete } from "@aws-sdk/client-s3"
import type { DeleteManyAnswer, ListAnswer } from "./object-requests.ts"
import { elements, escaped } from "./xml.ts"

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

/**
 * A page of ListObjectsV2.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_ResponseSyntax
 */
export function readListing(xml: string): ListAnswer {
  const Contents: NonNullable<ListAnswer["Contents"]> = []
  const CommonPrefixes: NonNullable<ListAnswer["CommonPrefixes"]> = []
  const page: { -readonly [Name in keyof ListAnswer]?: ListAnswer[Name] } = { Contents, CommonPrefixes }
  let object: (typeof Contents)[number] = {}
  let root: string | undefined
  for (const { path, text } of elements(xml)) {
    root = path[0]
    if (path[1] === "Contents") {
      if (path.length === 2) {
        Contents.push(object)
        object = {}
      } else if (path.length === 3) setObject(object, path[2]!, text)
    } else if (path[1] === "CommonPrefixes") {
      if (path.length === 3 && path[2] === "Prefix") CommonPrefixes.push({ Prefix: text })
    } else if (path.length === 2) {
      if (path[1] === "IsTruncated") page.IsTruncated = text === "true"
      else if (path[1] === "NextContinuationToken") page.NextContinuationToken = text
      else if (path[1] === "EncodingType" && text === "url") page.EncodingType = "url"
    }
  }
  checkRoot(root, "ListBucketResult")
  return page
}

function setObject(object: NonNullable<ListAnswer["Contents"]>[number], name: string, text: string): void {
  if (name === "Key") object.Key = text
  else if (name === "ETag") object.ETag = text
  else if (name === "Size") object.Size = Number(text)
  else if (name === "LastModified") {
    const time = new Date(text)
    if (Number.isNaN(time.getTime())) throw new Error(`The listing has a time that is none: ${JSON.stringify(text)}.`)
    object.LastModified = time
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html#API_DeleteObjects_RequestSyntax */
export function deletionBody(deletion: Delete | undefined): string {
  const objects = (deletion?.Objects ?? []).map(({ Key = "" }) => `<Object><Key>${escaped(Key)}</Key></Object>`)
  const quiet = deletion?.Quiet === undefined ? "" : `<Quiet>${deletion.Quiet}</Quiet>`
  return `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="${NAMESPACE}">${objects.join("")}${quiet}</Delete>`
}

/** The keys that DeleteObjects could not delete. */
export function readDeletion(xml: string): DeleteManyAnswer {
  const Errors: NonNullable<DeleteManyAnswer["Errors"]> = []
  let error: (typeof Errors)[number] = {}
  let root: string | undefined
  for (const { path, text } of elements(xml)) {
    root = path[0]
    if (path[1] !== "Error") continue
    if (path.length === 2) {
      Errors.push(error)
      error = {}
    } else if (path[2] === "Key") error.Key = text
    else if (path[2] === "Code") error.Code = text
    else if (path[2] === "Message") error.Message = text
  }
  checkRoot(root, "DeleteResult")
  return { Errors }
}

function checkRoot(root: string | undefined, wanted: string): void {
  if (root !== wanted) throw new Error(`The service answered with ${root ?? "nothing"} instead of ${wanted}.`)
}
