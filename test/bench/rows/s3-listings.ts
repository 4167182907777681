import { type BenchRow, OURS, type Work } from "../harness/row.ts"
import type { Context } from "../harness/row.ts"
import { floor } from "../s3-clients/floor.ts"
import { type ObjectClient, only, subjectsOf } from "../s3-clients/object-client.ts"
import { ours, oursOnCallersClient, sdk } from "../s3-clients/official.ts"
import { filesSdk, flydrive, flystorage, s3mini } from "../s3-clients/peers.ts"
import { fill, filledName } from "../servers/cheap-fill.ts"

const CLIENTS = {
  floor,
  SDK: sdk,
  [OURS]: ours,
  [`${OURS}, client of the caller`]: oursOnCallersClient,
  flydrive,
  flystorage,
  "files-sdk": filesSdk,
  s3mini,
}

async function listing(client: Required<ObjectClient>, { s3, size }: Context): Promise<Work> {
  await fill(s3, size)
  return {
    async run() {
      const count = await client.list()
      if (count !== size) throw new Error(`${count} of ${size} keys were listed.`)
    },
  }
}

/** All pages of 1,000 keys, one after the other. */
export const s3List: BenchRow = {
  title: "List 100,000 keys of S3",
  unit: "key",
  times: 100_000,
  rounds: 3,
  warmups: 0,
  ratioOf: "cpu",
  base: "SDK",
  goals: [
    { base: "SDK", atMost: 0.6 },
    { subject: `${OURS}, client of the caller`, base: "SDK", atMost: 1.05 },
  ],
  s3: {},
  subjects: subjectsOf(CLIENTS, listing),
}

/** What a key costs does not grow with their number. */
export const s3GrowthList: BenchRow = {
  ...s3List,
  title: "List S3 as the number of keys grows",
  rounds: 1,
  goals: [],
  sizes: [1000, 10_000, 100_000, 1_000_000],
  subjects: subjectsOf(only(CLIENTS, "SDK", OURS), listing),
}

/** Each round deletes all keys, which were made before it; that they are gone is seen when they are made again. */
function deletion(client: Required<ObjectClient>, { s3, size }: Context): Work {
  const names = Array.from({ length: size }, (_, number) => filledName(number))
  return {
    async prepare() {
      const left = await fill(s3, size)
      if (left > 0) throw new Error(`${left} of ${size} keys were not deleted.`)
    },
    run: async () => void (await client.deleteMany(names)),
  }
}

/** The SDK sends all its batches at once, which nothing bounds. Only who has such an operation: one key at a time is another. */
export const s3DeleteMany: BenchRow = {
  title: "Delete 10,000 keys of S3, each answer 20 ms late",
  unit: "key",
  times: 10_000,
  rounds: 5,
  ratioOf: "wall",
  base: "SDK",
  goals: [{ base: "SDK", atMost: 1.1 }],
  s3: { latency: 20 },
  subjects: subjectsOf(only(CLIENTS, "floor", "SDK", OURS, "files-sdk", "s3mini"), deletion),
}

/** What a key costs does not grow with their number. */
export const s3GrowthDeleteMany: BenchRow = {
  ...s3DeleteMany,
  title: "Delete many keys of S3 as their number grows",
  rounds: 3,
  goals: [],
  sizes: [1000, 10_000, 100_000],
  subjects: subjectsOf(only(CLIENTS, "SDK", OURS), deletion),
}
