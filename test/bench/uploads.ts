import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { benchFolder } from "./harness/results.ts"
import type { Row } from "./table.ts"
import { type Sending, upload, UploadServer } from "./upload-clients.ts"
import type { Way } from "./upload-server.ts"

const MEBIBYTE = 1024 * 1024
const LARGE: Sending = { size: 1024 * MEBIBYTE, chunk: 256 * 1024 }
const SLOW: Sending = { size: MEBIBYTE / 2, chunk: 32 * 1024, every: 500 }
const SLOW_CLIENTS = 1000

/** Forms stored on local disk over HTTP: a large one, and many slow ones at once; how much the server's process grew. */
export async function uploads(): Promise<Row[]> {
  const rows: Row[] = []
  for (const way of ["raw", "receiveForm", "multerStorage", "multer"] as const) {
    rows.push(await measure("one of 1 GiB", way, 1, LARGE))
  }
  for (const way of ["raw", "receiveForm", "multerStorage", "multer"] as const) {
    rows.push(await measure(`${SLOW_CLIENTS} at once, of 512 KiB in 8 seconds`, way, SLOW_CLIENTS, SLOW))
  }
  return rows
}

async function measure(what: string, way: Way, clients: number, sending: Sending): Promise<Row> {
  const folder = await mkdtemp(join(benchFolder(), "node-storages-uploads-"))
  const server = await UploadServer.start(folder, way)
  try {
    await upload(server.port, way, { size: MEBIBYTE, chunk: 65_536 })
    const start = performance.now()
    const statuses = await Promise.all(Array.from({ length: clients }, async () => upload(server.port, way, sending)))
    const seconds = (performance.now() - start) / 1000
    const failed = statuses.filter((status) => status !== 200).length
    const grown = await server.growth()
    return {
      uploads: what,
      server: way === "raw" ? "node:http into a file, no form (floor)" : way,
      failed,
      seconds: seconds.toFixed(1),
      "MiB/s": Math.round((clients * sending.size) / MEBIBYTE / seconds),
      "grew by MiB": Math.round(grown / MEBIBYTE),
    }
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
