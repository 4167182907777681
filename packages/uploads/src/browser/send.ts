import { UploadFailure } from "./failure.ts"
import type { SignedRequest } from "./protocol.ts"

/**
 * Sends bytes to the storage. By XMLHttpRequest, because fetch tells nothing of how much has gone out.
 * @param stalled in milliseconds: how long nothing may move
 */
export function send(
  request: SignedRequest,
  bytes: Blob,
  stalled: number,
  signal: AbortSignal,
  onProgress: (loaded: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    let timer: ReturnType<typeof setTimeout> | undefined
    const cancel = () => xhr.abort()
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(cancel, stalled)
    }
    xhr.open(request.method, request.url)
    for (const name in request.headers) xhr.setRequestHeader(name, request.headers[name]!)
    xhr.upload.addEventListener("progress", ({ loaded }) => {
      wait()
      // A form is longer than the file in it.
      onProgress(Math.min(loaded, bytes.size))
    })
    xhr.addEventListener("loadend", () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", cancel)
      const { status } = xhr
      if (status >= 200 && status < 300) resolve()
      else if (signal.aborted) reject(signal.reason)
      // A storage whose CORS rules don't allow the page looks the same as one that can't be reached.
      else if (status === 0) reject(new UploadFailure("network", "The storage could not be reached."))
      else reject(new UploadFailure("refused", `The storage answered with ${status}.`, status))
    })
    signal.addEventListener("abort", cancel)
    let body: Blob | FormData = bytes
    if (request.method === "POST") {
      body = new FormData()
      for (const name in request.fields) body.append(name, request.fields[name]!)
      body.append("file", bytes)
    }
    wait()
    xhr.send(body)
  })
}
