import type { StorageErrorCode } from "@node-storages/core"

/** The status codes of SFTP 3 (draft-ietf-secsh-filexfer-02, section 7). */
export const STATUS = {
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const

const MEANINGS: ReadonlyMap<number, StorageErrorCode> = new Map<number, StorageErrorCode>([
  [STATUS.noSuchFile, "not-found"],
  [STATUS.permissionDenied, "permission-denied"],
  [STATUS.noConnection, "network"],
  [STATUS.connectionLost, "network"],
  [STATUS.unsupported, "unsupported"],
])

/** What a request or a connection failed of. */
export class SftpError extends Error {
  /** The server's answer; undefined where the connection failed. */
  readonly status: number | undefined
  /** Where more is known than the status tells. */
  readonly meaning: StorageErrorCode | undefined

  constructor(message: string, status: number | undefined, meaning?: StorageErrorCode, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "SftpError"
    this.status = status
    this.meaning = meaning
  }
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof SftpError ? error.status : undefined
}

/** What an error means to a storage: the driver's `errorCode`. */
export function errorCode(error: unknown): StorageErrorCode | undefined {
  if (!(error instanceof SftpError)) return undefined
  return error.meaning ?? (error.status === undefined ? "network" : MEANINGS.get(error.status))
}

/** The result, or undefined where there is nothing at the path. OpenSSH says so too where a file is in the way. */
export async function unlessMissing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (statusOf(error) === STATUS.noSuchFile) return undefined
    throw error
  }
}

/** For clean-up whose failure must not hide the error that it follows. */
export async function quietly(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch {
    // Left to the sweep.
  }
}
