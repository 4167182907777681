import {
  checkOptions,
  type Duration,
  normalizeName,
  type OptionNames,
  seconds,
  type Storage,
  StorageError,
} from "@node-storages/core"
import type { DeclaredFile } from "../browser/protocol.ts"
import { type ByteSize, bytes } from "../byte-size.ts"
import { checkNameStrategy, type NamedFile, nameBy, namesByHash } from "../names.ts"
import { checkTypes } from "../types/allowed-types.ts"
import { SealedTokens } from "./sealed-tokens.ts"

/** A file that somebody wants to upload, before anything of it has arrived: nothing of it is proven. */
export interface UploadDeclaration extends DeclaredFile {
  /** Who uploads: the upload can only be completed for the same. Default: whoever has the token. */
  readonly owner?: string | undefined
}

/** What may be uploaded for one use. */
export interface DirectUploadPolicy {
  /** The largest file, in bytes or as `"5 MB"`. */
  readonly maxSize: ByteSize
  /**
   * Media types and patterns, `["image/*", "application/pdf"]`. A pattern is without what browsers run (SVG, HTML), which
   * has to be named. Default: all.
   */
  readonly types?: readonly string[] | undefined
  /** The folder of the files, `"avatars/"`, or a function that gives it, by the owner for example. Default: the root. */
  readonly prefix?: string | ((upload: UploadDeclaration) => string | Promise<string>) | undefined
  /**
   * A pattern of the names below it, with `{random}` in it, so that no upload ever replaces a file:
   * `"{yyyy}/{mm}/{stem}_{random}{ext}"`. Default: `"{random}{ext}"`.
   */
  readonly name?: string | undefined
  /** How long an upload may take, from its beginning until it is completed. Default: 1 day. */
  readonly expiresIn?: Duration | undefined
  /** What the files are stored with. The names never come again: `"public, max-age=31536000, immutable"` is safe. */
  readonly cacheControl?: string | undefined
  /** What the files are stored with, or a function that gives it. */
  readonly metadata?:
    | Readonly<Record<string, string>>
    | ((upload: UploadDeclaration) => Readonly<Record<string, string>>)
    | undefined
}

/** Where direct uploads go, how they are signed, and what is allowed. */
export interface DirectUploadsOptions {
  /** Where the files go. It must sign uploads: a bucket, or a local storage with `signingKeys`. */
  readonly storage: Storage
  /**
   * What tokens are sealed with: at least 32 characters each, from a random source. The first one is used for new
   * uploads, the others are still good for those that are under way.
   */
  readonly keys: readonly string[]
  /** What may be uploaded, by the names that browsers give. */
  readonly policies: Readonly<Record<string, DirectUploadPolicy>>
  /** Larger files go in parts, where the storage takes any. Default: 16 MiB. */
  readonly partsAbove?: ByteSize | undefined
  /** Of one part. Larger where the service asks for it. Default: 8 MiB. */
  readonly partSize?: ByteSize | undefined
  /** How long one signed request can be begun. Default: 15 minutes. */
  readonly signaturesExpireIn?: Duration | undefined
  /** Where whole files lie until they are completed. Default: `".direct-uploads/"`. */
  readonly pendingPrefix?: string | undefined
}

/** The options, checked and with their defaults. */
export interface Settings {
  readonly storage: Storage
  readonly tokens: SealedTokens
  readonly policies: ReadonlyMap<string, Policy>
  /** In bytes. */
  readonly partsAbove: number
  /** In bytes. */
  readonly partSize: number
  /** In seconds. */
  readonly signaturesExpireIn: number
  /** Ends with a slash. */
  readonly pendingPrefix: string
}

/** A policy, checked and with its defaults. */
export interface Policy {
  /** In bytes. */
  readonly maxSize: number
  readonly types: readonly string[] | undefined
  /** In seconds. */
  readonly expiresIn: number
  readonly cacheControl: string | undefined
  name(upload: UploadDeclaration, file: NamedFile): Promise<string>
  metadata(upload: UploadDeclaration): Readonly<Record<string, string>> | undefined
}

const SUBJECT = "directUploads()"
const OPTIONS: OptionNames<DirectUploadsOptions> = {
  storage: true,
  keys: true,
  policies: true,
  partsAbove: true,
  partSize: true,
  signaturesExpireIn: true,
  pendingPrefix: true,
}
const POLICY_OPTIONS: OptionNames<DirectUploadPolicy> = {
  maxSize: true,
  types: true,
  prefix: true,
  name: true,
  expiresIn: true,
  cacheControl: true,
  metadata: true,
}
const DEFAULT_NAME = "{random}{ext}"
const MIB = 2 ** 20

/** @throws StorageError `invalid-option` */
export function settingsOf(options: DirectUploadsOptions): Settings {
  checkOptions(SUBJECT, options, OPTIONS)
  const { storage, keys, policies, pendingPrefix = ".direct-uploads/" } = options
  if (typeof storage?.signedUpload !== "function") throw invalid("storage must be a Storage")
  const entries = Object.entries(policies ?? {})
  if (entries.length === 0) {
    throw invalid('policies must tell what may be uploaded: { avatar: { maxSize: "5 MB", types: ["image/*"] } }')
  }
  const partSize = bytes(`${SUBJECT}: partSize`, options.partSize ?? 8 * MIB)
  if (partSize === 0) throw invalid("partSize must be 1 byte at least")
  return {
    storage,
    tokens: new SealedTokens(keys, SUBJECT),
    policies: new Map(entries.map(([name, policy]) => [name, policyOf(name, policy)])),
    partsAbove: bytes(`${SUBJECT}: partsAbove`, options.partsAbove ?? 16 * MIB),
    partSize,
    signaturesExpireIn: positive("signaturesExpireIn", options.signaturesExpireIn ?? "15m"),
    pendingPrefix: folder("pendingPrefix", pendingPrefix),
  }
}

function policyOf(name: string, policy: DirectUploadPolicy): Policy {
  const option = (member: string) => `policies.${name}.${member}`
  checkOptions(`${SUBJECT} policies.${name}`, policy, POLICY_OPTIONS)
  const { prefix = "", name: pattern = DEFAULT_NAME, metadata, cacheControl } = policy
  if (policy.maxSize === undefined) throw invalid(`${option("maxSize")} is missing: the largest file, like "5 MB"`)
  if (typeof checkNameStrategy(option("name"), pattern) !== "string" || !pattern.includes("{random}")) {
    throw invalid(
      `${option("name")} must be a pattern with {random} in it, so that no upload replaces a file, not ${JSON.stringify(pattern)}`,
    )
  }
  if (namesByHash(pattern)) {
    throw invalid(`${option("name")} can't have {hash}: the name is chosen before anything of the file has arrived`)
  }
  const prefixOf = typeof prefix === "function" ? prefix : undefined
  const fixedPrefix = typeof prefix === "function" || prefix === "" ? "" : folder(option("prefix"), prefix)
  return {
    maxSize: bytes(option("maxSize"), policy.maxSize),
    types: policy.types && checkTypes(option("types"), policy.types),
    expiresIn: positive(option("expiresIn"), policy.expiresIn ?? "1d"),
    cacheControl,
    async name(upload, file) {
      const given = await prefixOf?.(upload)
      const before = given === undefined || given === "" ? fixedPrefix : folder(option("prefix"), given)
      return before + (await nameBy(pattern, file))
    },
    metadata: (upload) => (typeof metadata === "function" ? metadata(upload) : metadata),
  }
}

/** A folder's name with a slash at its end, whether or not it was given with one. */
function folder(option: string, given: string): string {
  try {
    return `${normalizeName(typeof given === "string" ? given.replace(/\/+$/, "") : given)}/`
  } catch (error) {
    throw new StorageError(
      "invalid-option",
      `${SUBJECT}: ${option} must be the name of a folder, like "avatars/", not ${JSON.stringify(given)}.`,
      { cause: error },
    )
  }
}

function positive(option: string, duration: Duration): number {
  const value = seconds(duration, `${SUBJECT}: ${option}`)
  if (value >= 1) return value
  throw invalid(`${option} must be 1 second at least, not ${value}`)
}

function invalid(problem: string): StorageError {
  return new StorageError("invalid-option", `${SUBJECT}: ${problem}.`)
}
