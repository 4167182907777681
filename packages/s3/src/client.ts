import { createHash } from "node:crypto"
import { S3Client } from "@aws-sdk/client-s3"
import type { S3StorageOptions } from "./s3-options.ts"

/** How long a connection may take to open, and may be silent, before the request fails. In milliseconds. */
const CONNECTION_TIMEOUT = 10_000
const SOCKET_TIMEOUT = 120_000

/** The SDK warns on the console of failures that it throws as well, among them taken names, which are no failure here. */
const QUIET = {
  trace() {},
  debug() {},
  info() {},
  error() {},
  warn(...content: unknown[]) {
    if (!String(content[0]).includes("non-retryable streaming request")) console.warn(...content)
  },
}

/** The endpoint of the options, or of the environment variables that the SDK would read. */
export function configuredEndpoint(options: S3StorageOptions): string | undefined {
  return options.endpoint ?? (process.env["AWS_ENDPOINT_URL_S3"] || process.env["AWS_ENDPOINT_URL"] || undefined)
}

/** The official client with settings under which every S3-compatible service works. No I/O, no search for credentials. */
export function createClient(options: S3StorageOptions): S3Client {
  const endpoint = configuredEndpoint(options)
  const client = new S3Client({
    ...(options.region !== undefined && { region: options.region }),
    ...(endpoint !== undefined && {
      endpoint,
      // Checksums in trailers are refused or ignored by most services other than AWS.
      requestChecksumCalculation: "WHEN_REQUIRED" as const,
      responseChecksumValidation: "WHEN_REQUIRED" as const,
    }),
    ...(options.forcePathStyle !== undefined && { forcePathStyle: options.forcePathStyle }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    // Waiting for "100 Continue" costs a round trip and a new connection for each part.
    expectContinueHeader: false,
    logger: QUIET,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, socketTimeout: SOCKET_TIMEOUT },
  })
  if (endpoint !== undefined) sendContentMd5(client)
  return client
}

/**
 * DeleteObjects must carry a digest. The SDK sends a CRC32, which services older than 2022 do not know; Content-MD5 is
 * understood by all.
 */
function sendContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = args.request as { body?: unknown; headers?: Record<string, string> }
      if (context.commandName === "DeleteObjectsCommand" && request.headers && typeof request.body === "string") {
        request.headers["content-md5"] = createHash("md5").update(request.body).digest("base64")
      }
      return next(args)
    },
    { step: "build", name: "contentMd5ForDeleteObjects", priority: "low" },
  )
}
