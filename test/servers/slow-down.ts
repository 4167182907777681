import type { RequestHead } from "./http-requests.ts"

/** S3's answer to a client that asks too often. */
export function slowDown(head: RequestHead, retryAfter: number | undefined): Buffer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`
  const lines = [
    "HTTP/1.1 503 Slow Down",
    "Content-Type: application/xml",
    `Content-Length: ${body.length}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    ...(head.expectsContinue ? ["Connection: close"] : []),
  ]
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${head.method === "HEAD" ? "" : body}`)
}
