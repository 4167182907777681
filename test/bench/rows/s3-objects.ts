import { type BenchRow, OURS, type Work } from "../harness/row.ts"
import { floor } from "../s3-clients/floor.ts"
import { type ObjectClient, subjectsOf } from "../s3-clients/object-client.ts"
import { ours, oursOnCallersClient, sdk } from "../s3-clients/official.ts"
import { aws4fetch, filesSdk, flydrive, flystorage, s3mini, tweedegolf, unstorage } from "../s3-clients/peers.ts"

const SIZE = 8 * 1024
const CALLERS = `${OURS}, client of the caller`

const CLIENTS = {
  floor,
  SDK: sdk,
  [OURS]: ours,
  [CALLERS]: oursOnCallersClient,
  flydrive,
  flystorage,
  "files-sdk": filesSdk,
  s3mini,
  aws4fetch,
  unstorage,
  tweedegolf,
}

/** What the rows on single small objects have in common: one request after the other, what counts is the CPU. */
const SMALL: Omit<BenchRow, "title" | "subjects"> = {
  unit: "object",
  times: 300,
  rounds: 5,
  warmups: 1,
  ratioOf: "cpu",
  base: "SDK",
  goals: [
    { base: "SDK", atMost: 0.6 },
    { subject: CALLERS, base: "SDK", atMost: 1.05 },
  ],
  s3: {},
}

const bytes = Buffer.alloc(SIZE, "8 KiB of text, not all the same. ")

/** Puts that replace what is there, without a condition; the library says that it is stored. */
export const s3Put: BenchRow = {
  ...SMALL,
  title: "Store an object of 8 KiB in S3",
  subjects: subjectsOf(CLIENTS, async (client): Promise<Work> => {
    await client.put("checked.bin", bytes)
    await checkBytes(client, "checked.bin")
    return {
      async run(times) {
        for (let done = 0; done < times; done++) await client.put(`files/${done % 100}.bin`, bytes)
      },
    }
  }),
}

/** Whole bodies, in memory. */
export const s3Get: BenchRow = {
  ...SMALL,
  title: "Read an object of 8 KiB from S3",
  subjects: subjectsOf(CLIENTS, async (client): Promise<Work> => {
    await client.put("a.bin", bytes)
    await checkBytes(client, "a.bin")
    return {
      async run(times) {
        for (let done = 0; done < times; done++) {
          if ((await client.get("a.bin")).byteLength !== SIZE) throw new Error("The object came in part.")
        }
      },
    }
  }),
}

/** A HEAD request each, of an object that is there. */
export const s3Exists: BenchRow = {
  ...SMALL,
  title: "Ask whether an object is in S3",
  subjects: subjectsOf(CLIENTS, async (client): Promise<Work> => {
    await client.put("a.bin", bytes)
    return {
      async run(times) {
        for (let done = 0; done < times; done++) {
          if (!(await client.exists("a.bin"))) throw new Error("The object is there, and was not found.")
        }
      },
    }
  }),
}

async function checkBytes(client: Required<ObjectClient>, name: string): Promise<void> {
  if (Buffer.compare(await client.get(name), bytes) !== 0) throw new Error("The object came back otherwise.")
}
