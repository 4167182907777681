import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { cephAvailable, installCeph, startCeph } from "../../servers/ceph.ts"
import type { S3Connection } from "../../servers/s3-server.ts"
import { CheapS3, type Seen } from "../servers/cheap-s3.ts"
import { type BenchRow, NotHere } from "./row.ts"

/** The server of a row. A real one does not count what it is asked. */
export interface BenchServer {
  readonly connection: S3Connection
  seen?(): Promise<Seen>
  makeBucket?(bucket: string): Promise<void>
  stop(): Promise<void>
}

/** @throws NotHere where it can't run on this machine */
export async function startServer(s3: NonNullable<BenchRow["s3"]>): Promise<BenchServer> {
  return s3.ceph ? ceph() : CheapS3.start(s3.latency)
}

async function ceph(): Promise<BenchServer> {
  const hindrance = cephAvailable() ? await installCeph().then(() => undefined, String) : undefined
  if (hindrance !== undefined) throw new NotHere(hindrance)
  const server = await startCeph()
  const client = new S3Client({ ...server, forcePathStyle: true })
  return {
    connection: server,
    async makeBucket(bucket) {
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
    },
    async stop() {
      client.destroy()
      await server.stop()
    },
  }
}
