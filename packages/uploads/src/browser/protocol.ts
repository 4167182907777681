/*
 * What the two halves of a direct upload say to each other: JSON in the bodies of POST requests to one URL. Types only,
 * without those of browsers, so that the server's half uses them too.
 */

/** A request that sends bytes straight to the storage. */
export interface SignedRequest {
  readonly method: "PUT" | "POST"
  readonly url: string
  /** Headers to send, with PUT. */
  readonly headers: Readonly<Record<string, string>>
  /** Form fields to send before the field `file`, with POST. */
  readonly fields: Readonly<Record<string, string>>
  /** Until when it can be begun, in ISO 8601. */
  readonly expiresAt: string
}

/** An upload that is under way. */
export interface DirectUpload {
  /** All that the server knows of the upload, sealed: it keeps nothing. Who has it can go on with the upload. */
  readonly token: string
  /** Until when the upload can be completed, in ISO 8601. */
  readonly expiresAt: string
  /** Of the whole file, in bytes. */
  readonly size: number
  /** Sends the whole file. Missing where it goes in parts, and where it has arrived. */
  readonly request?: SignedRequest | undefined
  /** Missing where the file goes as a whole, and where all of it has arrived and was put together. */
  readonly parts?: DirectUploadParts | undefined
}

/** The parts in which a large file is sent. */
export interface DirectUploadParts {
  /** Of each part but the last, in bytes. */
  readonly size: number
  readonly count: number
  /** The numbers of those that have arrived, from 1. */
  readonly arrived: readonly number[]
}

/** A request that sends one part. */
export interface SignedPart extends SignedRequest {
  /** From 1. */
  readonly number: number
}

/** A file that has arrived and is what it was said to be. */
export interface UploadedFile {
  /** Its name in the storage. */
  readonly name: string
  /** Its URL, public or signed as the storage is configured. */
  readonly url: string
  /** In bytes. */
  readonly size: number
  /** The media type that it is stored with. */
  readonly type: string
  /** What the server's `onComplete` answered. */
  readonly data?: unknown
}

/** What a client says of a file before it sends it. */
export interface DeclaredFile {
  /** Which of the server's policies it is for. */
  readonly policy: string
  /** The name that the file has where it comes from. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** The media type that the browser takes it for; may be empty. */
  readonly type?: string | undefined
  /** The digest that the file has, in hexadecimal. The file is refused where it turns out to have another. */
  readonly sha256?: string | undefined
}

export type DirectUploadAction = "create" | "resume" | "parts" | "complete" | "abort"

/** What the browser's half sends. */
export type DirectUploadMessage =
  | ({ readonly action: "create" } & DeclaredFile)
  | { readonly action: "resume" | "complete" | "abort"; readonly token: string }
  | { readonly action: "parts"; readonly token: string; readonly numbers: readonly number[] }

/** What the server answers to what it refuses, with a status of 400 or more. */
export interface RefusalMessage {
  readonly error: { readonly code: string; readonly message: string }
}
