/** Uploads by an HTML form with a signed policy. https://cloud.google.com/storage/docs/xml-api/post-object-forms */
import { checkAccess } from "./access.ts"
import type { Account } from "./accounts.ts"
import type { GcsContext } from "./context.ts"
import { escapeXml, invalid } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import { boundaryOf, readParts, textOf, type Part } from "./multipart.ts"
import type { StoredObject } from "./object-store.ts"
import { verifyPostPolicy } from "./post-policy.ts"
import { commitInsert, receive, type Insert } from "./uploads.ts"
import { aclOf, metadataOfHeaders } from "./xml-metadata.ts"
import { writtenHeaders, xmlEtag } from "./xml-objects.ts"

/** Of an object whose form does not name one; the type of the file's own part is not looked at. */
const DEFAULT_CONTENT_TYPE = "binary/octet-stream"

interface Form {
  /** Those before the file, names in lower case. */
  fields: Map<string, string>
  file: Part
}

export async function answerForm(exchange: Exchange, context: GcsContext, bucketInPath: string): Promise<void> {
  const boundary = boundaryOf(exchange.header("content-type"), "multipart/form-data")
  const parts = readParts(exchange.body(), boundary)
  const form = await readForm(parts)
  try {
    const object = await store(form, context, bucketInPath)
    // Fields behind the file count for nothing.
    for await (const part of parts) for await (const _ of part.body);
    await answerStored(exchange, form.fields, object)
  } catch (error) {
    for await (const _ of form.file.body);
    throw error
  }
}

async function readForm(parts: AsyncIterable<Part>): Promise<Form> {
  const fields = new Map<string, string>()
  for (let next = await take(parts); !next.done; next = await take(parts)) {
    const name = parameterOf(next.value, "name")?.toLowerCase()
    if (name === undefined) throw invalid("A part of the form has no name.", "MalformedPOSTRequest")
    if (name === "file") return { fields, file: next.value }
    if (fields.has(name)) throw invalid(`The form has two fields ${name}.`, "MalformedPOSTRequest")
    fields.set(name, await textOf(next.value))
  }
  throw invalid("The form has no file.", "IncorrectNumberOfFilesInPostRequest")
}

function take(parts: AsyncIterable<Part>): Promise<IteratorResult<Part, undefined>> {
  return parts[Symbol.asyncIterator]().next() as Promise<IteratorResult<Part, undefined>>
}

async function store({ fields, file }: Form, context: GcsContext, bucketInPath: string): Promise<StoredObject> {
  const { accounts, now } = context
  const bucketName = bucketInPath === "" ? (fields.get("bucket") ?? "") : bucketInPath
  const bucket = context.store.bucket(bucketName)
  let caller: Account | undefined
  let sizeRange: Insert["sizeRange"]
  if (fields.has("policy")) {
    const publicKeyOf = (email: string): Account["publicKey"] | undefined => accounts.find(email)?.publicKey
    const policy = verifyPostPolicy(Object.fromEntries(fields), { bucket: bucketName, now: now(), publicKeyOf })
    caller = accounts.find(policy.account)
    sizeRange = policy.sizeRange
  }
  checkAccess(caller, "storage.objects.create")
  const insert: Insert = {
    bucket,
    name: nameOf(fields, file),
    metadata: metadataOfHeaders(new Map([["content-type", DEFAULT_CONTENT_TYPE], ...fields])),
    isPublic: aclOf(bucket, fields.get("acl") ?? fields.get("x-goog-acl")),
    conditions: {},
    checksums: {},
    ...(sizeRange ? { sizeRange } : {}),
  }
  return commitInsert(insert, await receive(file.body, context.folder))
}

function nameOf(fields: Form["fields"], file: Part): string {
  const key = fields.get("key")
  if (key === undefined) throw invalid("The form has no field key.", "MalformedPOSTRequest")
  return key.replaceAll("${filename}", () => parameterOf(file, "filename") ?? "")
}

/** Browsers write the text as it is, with `"` and line breaks percent-encoded. */
function parameterOf(part: Part, name: string): string | undefined {
  const disposition = part.headers.get("content-disposition") ?? ""
  const value = new RegExp(`;\\s*${name}="([^"]*)"`, "i").exec(disposition)?.[1]
  return value?.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n")
}

function answerStored(exchange: Exchange, fields: Form["fields"], object: StoredObject): Promise<void> {
  const { bucket, name } = object
  const etag = xmlEtag(object)
  const redirect = fields.get("success_action_redirect")
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect)
    for (const [key, value] of Object.entries({ bucket, key: name, etag })) url.searchParams.append(key, value)
    return exchange.send(303, { location: url.href })
  }
  const location = `${exchange.origin}/${bucket}/${name.split("/").map(encodeURIComponent).join("/")}`
  const headers = { ...writtenHeaders(object), location }
  const status = fields.get("success_action_status")
  if (status !== "201") return exchange.send(status === "200" ? 200 : 204, headers)
  const elements = { Location: location, Bucket: bucket, Key: name, ETag: etag }
  const body = Object.entries(elements).map(([key, value]) => `<${key}>${escapeXml(value)}</${key}>`)
  const xml = `<?xml version='1.0' encoding='UTF-8'?><PostResponse>${body.join("")}</PostResponse>`
  return exchange.send(201, { ...headers, "content-type": "application/xml; charset=UTF-8" }, xml)
}
