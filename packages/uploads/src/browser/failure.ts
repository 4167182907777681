/** What an upload in a browser ends with. */
export class UploadFailure extends Error {
  /**
   * Why: a code of the server's (`"file-too-large"`, `"type-not-allowed"`, …), `"network"`, or `"refused"` by the storage
   * itself.
   */
  readonly code: string
  /** The status of the answer; 0 where there was none. */
  readonly status: number
  /** Seconds that the server asked to wait. */
  readonly retryAfter: number

  constructor(code: string, message: string, status = 0, retryAfter = 0) {
    super(message)
    this.name = "UploadFailure"
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
  }
}
