import { hash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { transfer } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import { LocalStorage } from "@node-storages/local"
import { S3Storage } from "@node-storages/s3"
import { type BenchRow, OURS, type Subject } from "../harness/row.ts"
import { needsProgram, runProgram } from "../harness/program.ts"
import { filesIn } from "../static/by-hand.ts"
import { again, type Collector, firstTime } from "../static/collecting.ts"
import { onS3 } from "../static/on-s3.ts"
import { AT_ONCE } from "../static/s3-by-hand.ts"

const SHAPE = { scale: 0.25, objects: (files: number) => files }

/** One walk, one listing, then what is not there with its MD5 is put, 32 at once. */
const floor = onS3(SHAPE, ({ source, bucket, prefix }) => async () => {
  const listed = await bucket.list(prefix())
  await pool(filesIn(source), AT_ONCE, async (path) => {
    const bytes = await readFile(path)
    const key = prefix() + path.slice(source.length + 1)
    if (listed.get(key)?.md5 !== hash("md5", bytes)) await bucket.put(key, bytes)
  })
})

const ours = onS3(SHAPE, ({ context: { s3 }, source, prefix }) => async () => {
  const { bucket, ...connection } = s3
  const storage = new S3Storage(bucket, { ...connection, forcePathStyle: true, location: prefix() })
  await transfer(new LocalStorage(source), storage)
  await storage.close()
})

const rclone = onS3(SHAPE, ({ context: { s3 }, source, prefix }) => {
  needsProgram(["rclone", "version"], "rclone")
  const environment = {
    // rclone can't have one of its own, and none is needed here.
    AWS_CA_BUNDLE: "",
    RCLONE_CONFIG_BENCH_TYPE: "s3",
    RCLONE_CONFIG_BENCH_PROVIDER: "Other",
    // Of other providers it would ask for the first version, which the cheap server does not have.
    RCLONE_CONFIG_BENCH_LIST_VERSION: "2",
    RCLONE_CONFIG_BENCH_ENDPOINT: s3.endpoint,
    RCLONE_CONFIG_BENCH_REGION: s3.region,
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  }
  const options = ["--checksum", "--fast-list", "--transfers", String(AT_ONCE), "--checkers", String(AT_ONCE)]
  return () =>
    runProgram(["rclone", "sync", source, `BENCH:${s3.bucket}/${prefix()}`, ...options, "--config", "/dev/null"], {
      environment,
    })
})

const aws = onS3(SHAPE, ({ context: { folder, s3 }, source, prefix }) => {
  needsProgram(["aws", "--version"], "the AWS command line")
  const config = join(folder, "aws-config")
  mkdirSync(folder, { recursive: true })
  writeFileSync(config, `[default]\nregion = ${s3.region}\ns3 =\n  max_concurrent_requests = ${AT_ONCE}\n`)
  const environment = {
    AWS_CONFIG_FILE: config,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  }
  const command = ["aws", "--endpoint-url", s3.endpoint, "s3", "sync", "--only-show-errors", source]
  return () => runProgram([...command, `s3://${s3.bucket}/${prefix()}`], { environment })
})

/**
 * What is there is found by one listing in each case, whose entity tags are MD5 digests here. Files are compared with
 * them, except by `aws s3 sync`, which compares sizes and times. 32 files at once; ours by default, 48.
 */
function row(title: string, measured: (collector: Collector) => Subject): BenchRow {
  return {
    title: `Synchronise 10,000 small files of a folder to S3 at 20 ms latency${title}`,
    unit: "file",
    times: 10_000,
    rounds: 1,
    ratioOf: "wall",
    base: "floor",
    goals: [],
    s3: { latency: 20 },
    subjects: {
      floor: measured(floor),
      [OURS]: measured(ours),
      rclone: measured(rclone),
      "aws s3 sync": measured(aws),
    },
  }
}

export const syncS3: BenchRow = {
  ...row(", first time", firstTime),
  warmups: 0,
  goals: [{ base: "floor", atMost: 1.3 }],
}

export const syncS3Again: BenchRow = row(" again, nothing changed", again)
