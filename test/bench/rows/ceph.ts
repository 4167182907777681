import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { S3Storage } from "@node-storages/s3"
import { type BenchRow, OURS, type Subject } from "../harness/row.ts"

const SMALL = Buffer.alloc(8 * 1024, "0123456789abcdef")
const MEBIBYTE = 1024 * 1024
const LARGE = 64 * MEBIBYTE

/** The work of one unit, over the storage or the client. */
interface Operations<Service> {
  readonly prepare?: (service: Service, bucket: string) => Promise<unknown>
  readonly run: (service: Service, bucket: string, number: number) => Promise<unknown>
}

function sdk({ prepare, run }: Operations<S3Client>): Subject {
  return async ({ s3: { endpoint, region, credentials, bucket } }) => {
    const requestChecksumCalculation = "WHEN_REQUIRED"
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, requestChecksumCalculation })
    await prepare?.(client, bucket)
    return inTurn(
      (number) => run(client, bucket, number),
      () => client.destroy(),
    )
  }
}

function ours({ prepare, run }: Operations<S3Storage>): Subject {
  return async ({ s3: { endpoint, region, credentials, bucket } }) => {
    const storage = new S3Storage(bucket, { endpoint, region, credentials, forcePathStyle: true })
    await prepare?.(storage, bucket)
    return inTurn(
      (number) => run(storage, bucket, number),
      () => storage.close(),
    )
  }
}

function inTurn(once: (number: number) => Promise<unknown>, close: () => unknown): Awaited<ReturnType<Subject>> {
  let number = 0
  return {
    async run(times) {
      for (let done = 0; done < times; done++) await once(number++)
    },
    async close() {
      await close()
    },
  }
}

const smalls = { unit: "object", times: 150, ratioOf: "cpu", base: "SDK", goals: [], s3: { ceph: true } } as const

/** A put under a new name on a real server, which checks the signature and the condition. */
export const cephPut: BenchRow = {
  ...smalls,
  title: "Ceph: put 8 KiB",
  subjects: {
    SDK: sdk({
      run: (client, Bucket, number) =>
        client.send(new PutObjectCommand({ Bucket, Key: `put/${number}.bin`, Body: SMALL })),
    }),
    [OURS]: ours({ run: (storage, _, number) => storage.write(`put/${number}.bin`, SMALL) }),
  },
}

export const cephGet: BenchRow = {
  ...smalls,
  title: "Ceph: get 8 KiB",
  subjects: {
    SDK: sdk({
      prepare: (client, Bucket) => client.send(new PutObjectCommand({ Bucket, Key: "get.bin", Body: SMALL })),
      run: async (client, Bucket) =>
        same(await (await client.send(new GetObjectCommand({ Bucket, Key: "get.bin" }))).Body!.transformToByteArray()),
    }),
    [OURS]: ours({
      prepare: (storage) => storage.write("get.bin", SMALL),
      run: async (storage) => same(await storage.open("get.bin").bytes()),
    }),
  },
}

function same(bytes: Uint8Array): void {
  if (!SMALL.equals(bytes)) throw new Error("The bytes are not those that were stored.")
}

/** A stream of unknown length to a real server; wall time, which is also the server's. */
export const cephUpload: BenchRow = {
  title: "Ceph: 64 MiB stream up",
  unit: "object",
  times: 1,
  rounds: 3,
  ratioOf: "wall",
  base: "lib-storage",
  goals: [],
  s3: { ceph: true },
  subjects: {
    "lib-storage": sdk({
      run: async (client, Bucket) => {
        const params = { Bucket, Key: "large.bin", Body: stream() }
        await new Upload({ client, params }).done()
        const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key: "large.bin" }))
        whole(ContentLength)
      },
    }),
    [OURS]: ours({
      run: async (storage) => {
        whole((await storage.write("large.bin", stream())).size)
        whole((await storage.stat("large.bin")).size)
      },
    }),
  },
}

function stream(): ReadableStream<Uint8Array> {
  const block = Buffer.alloc(256 * 1024, "0123456789abcdef")
  let left = LARGE
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close()
      left -= block.byteLength
      controller.enqueue(Buffer.from(block))
    },
  })
}

function whole(size: number | undefined): void {
  if (size !== LARGE) throw new Error(`${size} bytes were stored instead of ${LARGE}.`)
}
