import { checkOptions, type Duration, type FileInfo, randomText, seconds } from "@node-storages/core"
import type { DirectUpload, SignedPart, UploadedFile } from "../browser/protocol.ts"
import { cleanName } from "../names.ts"
import { UploadError } from "../upload-error.ts"
import { checkDeclaration, namedFile, storedHeaders, storedType } from "./declaration.ts"
import { layout, partProgress, removeParts, settleParts, signParts, startParts } from "./part-upload.ts"
import {
  type DirectUploadsOptions,
  type Policy,
  type Settings,
  settingsOf,
  type UploadDeclaration,
} from "./policies.ts"
import { hasExpired, openTicket, sealTicket, type Ticket } from "./ticket.ts"
import { verify } from "./verify.ts"
import { settleWhole, wholeProgress, wholeRequest } from "./whole-upload.ts"

/** Who asks. */
export interface UploadCaller {
  /** As `createDirectUpload` was given. */
  readonly owner?: string | undefined
}

/** A file that has arrived and was looked at. */
export interface CompletedDirectUpload extends Omit<UploadedFile, "data"> {
  readonly policy: string
  /** The name that it had where it comes from, cleaned. */
  readonly originalName: string
  readonly owner: string | undefined
  readonly info: FileInfo
}

/** Which unfinished uploads are removed. */
export interface RemoveAbandonedOptions {
  /** Only what has arrived before this time. Default: the longest that any upload may take. */
  readonly olderThan?: Duration | undefined
}

const PENDING_RANDOM = 32

/**
 * Uploads that go from a browser straight to the service: the app says what may be uploaded and signs the requests, and
 * looks at the file when it has arrived. The browser's half is `@node-storages/uploads/browser`.
 * @throws StorageError `invalid-option`
 */
export function directUploads(options: DirectUploadsOptions): DirectUploads {
  return new DirectUploads(options)
}

/**
 * The server's half of direct uploads. It keeps nothing between calls: all that it knows of an upload is sealed in the
 * upload's token. What a client may not do is an UploadError, what the storage can't do a StorageError.
 */
export class DirectUploads {
  readonly #settings: Settings

  /** @throws StorageError `invalid-option` */
  constructor(options: DirectUploadsOptions) {
    this.#settings = settingsOf(options)
  }

  /**
   * Begins an upload, under a name that no file has.
   * @returns what the browser needs: JSON
   * @throws UploadError `unknown-policy`, `malformed-request`, `file-too-large`, `type-not-allowed`; StorageError
   * `unsupported` for a storage that can't sign uploads
   */
  async createDirectUpload(upload: UploadDeclaration): Promise<DirectUpload> {
    const policy = this.#settings.policies.get(upload.policy)
    if (!policy) throw new UploadError("unknown-policy", "There is no such use of uploads.")
    checkDeclaration(upload, policy)
    const type = storedType(upload)
    const headers = storedHeaders(policy, upload, type)
    const name = await policy.name(upload, namedFile(upload, type))
    const { size, sha256, owner } = upload
    const { partsAbove, pendingPrefix } = this.#settings
    const pending = pendingPrefix + randomText(PENDING_RANDOM)
    const inParts = size > partsAbove ? await startParts(this.#settings, name, pending, size, type, headers) : undefined
    const ticket: Ticket = {
      policy: upload.policy,
      name,
      originalName: cleanName(upload.name),
      size,
      type,
      sha256: sha256?.toLowerCase(),
      owner,
      expiresAt: Date.now() + policy.expiresIn * 1000,
      arrives: inParts ?? { as: "whole", pending, headers },
    }
    const { arrives } = ticket
    return answer(
      ticket,
      sealTicket(this.#settings, ticket),
      arrives.as === "parts"
        ? { parts: { ...layout(ticket, arrives), arrived: [] } }
        : { request: await wholeRequest(this.#settings, ticket, arrives) },
    )
  }

  /**
   * How far an upload is, with a new signature: after a lost connection, a reload of the page, or an expired signature.
   * Neither `request` nor `parts` is there when all has arrived and only `completeDirectUpload` is left.
   * @throws UploadError `invalid-token`, `upload-expired`
   */
  async resumeDirectUpload(token: string, caller: UploadCaller = {}): Promise<DirectUpload> {
    const ticket = await this.#open(token, caller)
    const { arrives } = ticket
    return answer(
      ticket,
      token,
      arrives.as === "parts"
        ? await partProgress(this.#settings.storage, ticket, arrives)
        : await wholeProgress(this.#settings, ticket, arrives),
    )
  }

  /**
   * Requests that send these parts, up to 100 of them.
   * @param numbers from 1
   * @throws UploadError `invalid-token`, `upload-expired`, `malformed-request`
   */
  async signParts(
    token: string,
    numbers: readonly number[],
    caller: UploadCaller = {},
  ): Promise<readonly SignedPart[]> {
    const ticket = await this.#open(token, caller)
    if (ticket.arrives.as === "parts") return signParts(this.#settings, ticket, ticket.arrives, numbers)
    throw new UploadError("malformed-request", "The file goes as a whole, and not in parts.")
  }

  /**
   * Looks at what has arrived, and gives it its name. Whatever is wrong with it is removed. Called again it looks again
   * and gives the same answer.
   * @throws UploadError `not-uploaded` where something is missing, which may still be sent; `wrong-size`,
   * `file-too-large`, `type-not-allowed`, `wrong-digest`; `invalid-token`, `upload-expired`
   */
  async completeDirectUpload(token: string, caller: UploadCaller = {}): Promise<CompletedDirectUpload> {
    const ticket = await this.#open(token, caller)
    const { storage } = this.#settings
    const { arrives, name, type, originalName, owner } = ticket
    const policy = this.#policyOf(ticket)
    if (arrives.as === "parts") await settleParts(storage, ticket, arrives)
    else await settleWhole(storage, ticket, arrives, policy)
    try {
      const info = await verify(storage, ticket, policy)
      const url = await storage.url(name)
      return { name, url, size: info.size, type, policy: ticket.policy, originalName, owner, info }
    } catch (error) {
      if (UploadError.is(error)) await storage.delete(name)
      throw error
    }
  }

  /**
   * Removes what has arrived of an upload. A file that was completed stays.
   * @throws UploadError `invalid-token`
   */
  async abortDirectUpload(token: string, { owner }: UploadCaller = {}): Promise<void> {
    await this.#remove(openTicket(this.#settings, token, owner))
  }

  /**
   * Removes whole files that arrived and were never completed. Parts are not seen here: the service removes them, by a
   * rule that `docs/uploads.md` shows.
   * @returns how many there were
   */
  async removeAbandoned(options: RemoveAbandonedOptions = {}): Promise<number> {
    checkOptions("removeAbandoned()", options, { olderThan: true })
    const { storage, pendingPrefix, policies } = this.#settings
    const longest = Math.max(...[...policies.values()].map(({ expiresIn }) => expiresIn))
    const age = options.olderThan === undefined ? longest : seconds(options.olderThan, "olderThan")
    const before = Date.now() - age * 1000
    const names: string[] = []
    for await (const { name, modified } of storage.list(pendingPrefix)) {
      if (modified.getTime() <= before) names.push(name)
    }
    await storage.deleteMany(names)
    return names.length
  }

  async #open(token: string, { owner }: UploadCaller): Promise<Ticket> {
    const ticket = openTicket(this.#settings, token, owner)
    if (!hasExpired(ticket)) return ticket
    await this.#remove(ticket)
    throw new UploadError("upload-expired", "The upload has taken too long. It has to be begun anew.")
  }

  async #remove(ticket: Ticket): Promise<void> {
    const { storage } = this.#settings
    const { arrives } = ticket
    if (arrives.as === "parts") await removeParts(storage, ticket, arrives)
    else await storage.delete(arrives.pending)
  }

  #policyOf(ticket: Ticket): Policy {
    return this.#settings.policies.get(ticket.policy)!
  }
}

function answer(
  { expiresAt, size }: Ticket,
  token: string,
  progress: Pick<DirectUpload, "request" | "parts">,
): DirectUpload {
  return { token, expiresAt: new Date(expiresAt).toISOString(), size, ...progress }
}
