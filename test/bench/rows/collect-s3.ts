import { join } from "node:path"
import { pool } from "@node-storages/core/adapter"
import { S3Storage } from "@node-storages/s3"
import { collect, defineStatic } from "@node-storages/static"
import { type BenchRow, NotHere, OURS } from "../harness/row.ts"
import { collectByHand, MANIFEST } from "../static/by-hand.ts"
import { again, firstTime } from "../static/collecting.ts"
import { djangoProject } from "../static/django.ts"
import { onS3 } from "../static/on-s3.ts"
import { AT_ONCE } from "../static/s3-by-hand.ts"

const FILES = 1000
const HEADERS = { "cache-control": "public, max-age=31536000, immutable", "content-type": "application/octet-stream" }
/** Both names of each file, and the manifest. */
const SHAPE = { scale: 1, objects: (files: number) => 2 * files + 1 }

/** One listing, then what differs is put, 32 at once, and the manifest at last. Sizes and the manifest tell what differs. */
const floor = onS3(SHAPE, ({ source, bucket, prefix }) => async () => {
  const listed = await bucket.list(prefix())
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = []
  collectByHand(source, (name, bytes) => void files.push({ name, bytes }))
  const manifest = files.pop()!
  const before = listed.has(prefix() + MANIFEST) ? await bucket.get(prefix() + MANIFEST) : undefined
  const changed = files.filter(({ name, bytes }) => !before || listed.get(prefix() + name)?.size !== bytes.byteLength)
  await pool(changed, AT_ONCE, ({ name, bytes }) => bucket.put(prefix() + name, bytes, HEADERS))
  if (!before?.equals(manifest.bytes)) await bucket.put(prefix() + MANIFEST, manifest.bytes, HEADERS)
})

const ours = onS3(SHAPE, ({ context: { s3 }, source, prefix }) => async () => {
  const { bucket, ...connection } = s3
  const storage = new S3Storage(bucket, { ...connection, forcePathStyle: true, location: prefix() })
  await collect(defineStatic({ storage, sources: [source], compress: false }))
  await storage.close()
})

/** Four minutes a run: it asks, deletes, asks and puts for each file and pass, one request after the other. */
const django = onS3(SHAPE, ({ context: { folder, s3 }, source, prefix }) => {
  if (process.env["BENCH_SLOW"] === undefined) throw new NotHere("it takes minutes; BENCH_SLOW=1 measures it")
  const { accessKeyId, secretAccessKey } = s3.credentials
  const settings = {
    AWS_STORAGE_BUCKET_NAME: s3.bucket,
    AWS_S3_ENDPOINT_URL: s3.endpoint,
    AWS_S3_REGION_NAME: s3.region,
    AWS_S3_ADDRESSING_STYLE: "path",
    AWS_S3_ACCESS_KEY_ID: accessKeyId,
    AWS_S3_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return async () =>
    djangoProject(join(folder, "django"), {
      modules: ["storages", "boto3"],
      storage: "storages.backends.s3boto3.S3ManifestStaticStorage",
      source,
      target: join(folder, "unused"),
      settings: [...lines, `AWS_LOCATION = ${JSON.stringify(prefix().slice(0, -1))}`],
    })()
})

const ROW = {
  unit: "file",
  times: FILES,
  rounds: 3,
  ratioOf: "wall",
  base: "floor",
  goals: [{ base: "floor", atMost: 1.3 }],
  s3: { latency: 20 },
} as const

/**
 * Guarantees, of the floor and ours: hashed names, each object with its Cache-Control, the manifest last. Ours moreover
 * stores what is referred to before what refers to it, and the manifest under a condition.
 */
export const collectS3: BenchRow = {
  ...ROW,
  title: "Collect 1,000 static files to S3 at 20 ms latency, first time",
  subjects: { floor: firstTime(floor), [OURS]: firstTime(ours), "django-storages": firstTime(django) },
}

/** Requests are ceil(n / 1000) listings and one read of the manifest; nothing is written. Content decides, not times. */
export const collectS3Again: BenchRow = {
  ...ROW,
  title: "Collect 1,000 static files to S3 at 20 ms latency again, nothing changed",
  subjects: { floor: again(floor), [OURS]: again(ours), "django-storages": again(django) },
}
