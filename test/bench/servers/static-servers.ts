import { createReadStream, openSync, read, readFileSync, statSync } from "node:fs"
import type { RequestListener, ServerResponse } from "node:http"
import { join } from "node:path"
import { promisify } from "node:util"

const BLOCK = 512 * 1024
const readBlock = promisify(read)

function headersOf(length: number): string[] {
  return Object.entries({
    "content-type": "application/octet-stream",
    "content-length": String(length),
    "cache-control": "no-cache",
    etag: '"2800-660ce1f4f4a6c"',
    "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
  }).flat()
}

/** As little as a server can do that knows its files: bytes and headers are at hand. */
export function serveFromMemory(folder: string, paths: readonly string[]): RequestListener {
  const files = new Map(
    paths.map((path) => {
      const bytes = readFileSync(join(folder, path))
      return [path, { bytes, headers: headersOf(bytes.byteLength) }]
    }),
  )
  return ({ url }, response) => {
    const file = files.get(url!)
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, file.headers).end(file.bytes)
  }
}

/** The same for a file that is too large to be kept: it is open, and read in blocks that are used again. */
export function serveInBlocks(folder: string, path: string): RequestListener {
  const file = openSync(join(folder, path), "r")
  const { size } = statSync(join(folder, path))
  const headers = headersOf(size)
  const spare: Buffer[] = []
  const send = async (response: ServerResponse) => {
    response.writeHead(200, headers)
    const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
    for (let position = 0; position < size && !response.destroyed; position += BLOCK) {
      const { bytesRead } = await readBlock(file, block, 0, BLOCK, position)
      await new Promise((written) => response.write(block.subarray(0, bytesRead), written))
    }
    spare.push(block)
    response.end()
  }
  return ({ url }, response) => {
    if (url === path) void send(response)
    else response.writeHead(404).end()
  }
}

/** What is written most often. */
export function servePlainStreams(folder: string): RequestListener {
  return (request, response) => {
    const path = join(folder, request.url!)
    response.writeHead(200, { "content-length": statSync(path).size })
    createReadStream(path).pipe(response)
  }
}
