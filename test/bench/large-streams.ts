import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { CreateBucketCommand } from "@aws-sdk/client-s3"
import { AzureStorage } from "@node-storages/azure"
import { type Storage, transfer } from "@node-storages/core"
import { GCSStorage } from "@node-storages/gcs"
import { LocalStorage } from "@node-storages/local"
import { S3Storage } from "@node-storages/s3"
import { startAzurite } from "../servers/azurite.ts"
import { startGcsProcess } from "../servers/gcs/gcs-process.ts"
import { provideS3 } from "../servers/s3-for-tests.ts"
import { benchFolder } from "./harness/results.ts"
import type { Row } from "./table.ts"

const MEBIBYTE = 1024 * 1024
const SIZE = 2048 * MEBIBYTE

/** 2 GiB of unknown length saved and read back: seconds, and how much the process grew. */
export async function largeStreams(): Promise<Row[]> {
  const folder = await mkdtemp(join(benchFolder(), "node-storages-stream-"))
  const rows: Row[] = []
  try {
    const local = new LocalStorage(join(folder, "one"))
    rows.push(await measure("local, save", local, () => local.save("large.bin", chunks())))
    const other = new LocalStorage(join(folder, "other"))
    rows.push(await measure("local, transfer to local", other, () => transfer(local, other)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  rows.push(...(await onAzurite()), ...(await onGcsServer()))
  const provided = await provideS3()
  if ("reason" in provided) {
    console.log(`S3 was not measured: ${provided.reason}`)
    return rows
  }
  const { server } = provided
  const { endpoint, region, credentials } = server
  try {
    const options = { endpoint, region, credentials, forcePathStyle: true }
    const storage = new S3Storage("bench", { ...options, conditionalCreate: "put" })
    await storage.client.send(new CreateBucketCommand({ Bucket: "bench" }))
    const save = () => storage.save("large.bin", chunks())
    const write = () => storage.write("large.bin", chunks())
    rows.push(await measure("S3, save (one conditional put from a spool file)", storage, save))
    rows.push(await measure("S3, write (multipart)", storage, write))
    await storage.close()
  } finally {
    await server.stop()
  }
  return rows
}

async function onAzurite(): Promise<Row[]> {
  const server = await startAzurite({ onDisk: true })
  const { endpoint, accountName, accountKey } = server
  try {
    const storage = new AzureStorage("bench", { endpoint, accountName, accountKey })
    await storage.client.create()
    const save = () => storage.save("large.bin", chunks())
    const write = () => storage.write("large.bin", chunks())
    return [
      await measure("Azure, save (blocks, and a spool file for a lost race)", storage, save),
      await measure("Azure, write (blocks)", storage, write),
    ]
  } finally {
    await server.stop()
  }
}

async function onGcsServer(): Promise<Row[]> {
  const server = await startGcsProcess(["bench"])
  const { endpoint, credentials } = server.connection
  try {
    const storage = new GCSStorage("bench", { apiEndpoint: endpoint, credentials })
    const save = () => storage.save("large.bin", chunks())
    const write = () => storage.write("large.bin", chunks())
    return [
      await measure("GCS, save (resumable, then renamed)", storage, save),
      await measure("GCS, write (resumable)", storage, write),
    ]
  } finally {
    await server.stop()
  }
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  const block = randomBytes(MEBIBYTE)
  for (let sent = 0; sent < SIZE; sent += block.byteLength) {
    block.writeBigUInt64LE(BigInt(sent))
    // A copy, as a network would give: the same block again and again would hide what is held.
    yield Buffer.from(block)
  }
}

async function measure(what: string, storage: Storage, store: () => Promise<unknown>): Promise<Row> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10)
  try {
    const start = performance.now()
    await store()
    const saved = performance.now()
    let length = 0
    for await (const chunk of storage.open("large.bin")) {
      if (length % MEBIBYTE === 0 && Buffer.from(chunk).readBigUInt64LE() !== BigInt(length)) {
        throw new Error(`The bytes at ${length} are not those that were saved.`)
      }
      length += chunk.byteLength
    }
    if (length !== SIZE) throw new Error(`${length} bytes were read instead of ${SIZE}.`)
    return {
      what,
      "save s": ((saved - start) / 1000).toFixed(1),
      "read s": ((performance.now() - saved) / 1000).toFixed(1),
      "growth MiB": ((peak - before) / MEBIBYTE).toFixed(0),
    }
  } finally {
    clearInterval(watch)
  }
}
