import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type Files, ours, PEERS, RAW, raw, rawInside } from "../file-libraries.ts"
import { type BenchRow, OURS, type Subject, type Work } from "../harness/row.ts"

const BYTES = Buffer.alloc(4096, 7)
const DIRECTORY = "avatars"
const IN_DIRECTORY = "in a directory"
const FILES = 200

/**
 * Files of 4 KiB in one folder, one after another, on the disk of `BENCH_FOLDER`: ext4 and tmpfs (`/dev/shm`) differ, as a
 * file that is created on ext4 costs the kernel more. All that is done by hand is done by LocalStorage too, with the same
 * guarantees; most peers give fewer, as the row of `save` tells.
 *
 * Processor time counts. One file at a time waits most of all for threads of Node's pool to wake up, which tells more of
 * the machine than of a library; each trip to a thread costs processor time as well.
 */
function smallFiles(title: string, atMost: number, work: (files: Files, nameOf: NameOf) => Promise<Work>): BenchRow {
  const subject =
    (open: (folder: string) => Files | Promise<Files>, directory = ""): Subject =>
    async ({ folder }) => {
      await mkdir(join(folder, directory), { recursive: true })
      return work(await open(folder), (number) => join(directory, `${number}.bin`))
    }
  return {
    title,
    unit: "file",
    times: 400,
    rounds: 7,
    ratioOf: "cpu",
    base: RAW,
    goals: [
      { base: RAW, atMost },
      { subject: `${OURS}, ${IN_DIRECTORY}`, base: `${RAW}, ${IN_DIRECTORY}`, atMost },
    ],
    subjects: {
      [RAW]: subject(raw),
      [`${RAW}, ${IN_DIRECTORY}`]: subject(rawInside, DIRECTORY),
      [OURS]: subject(ours),
      [`${OURS}, ${IN_DIRECTORY}`]: subject(ours, DIRECTORY),
      ...Object.fromEntries(Object.entries(PEERS).map(([name, open]) => [name, subject(open)])),
    },
  }
}

type NameOf = (number: number) => string

async function saveAll(files: Files, nameOf: NameOf, count: number): Promise<void> {
  for (let number = 0; number < count; number++) await files.save(nameOf(number), BYTES)
}

/** What was saved must be there: a subject that does something else is not measured. */
async function check(files: Files, name: string): Promise<void> {
  if (Buffer.compare(await files.read(name), BYTES) !== 0) throw new Error(`${name} has other bytes.`)
}

/** Saved under a name that is free, atomically by the base, by us and by files-sdk; not synced to the disk. */
export const localSave = smallFiles("Save a file of 4 KiB on disk", 1.3, async (files, nameOf) => {
  let number = 0
  return {
    async run(times) {
      for (let done = 0; done < times; done++) await files.save(nameOf(number++), BYTES)
      await check(files, nameOf(number - 1))
    },
  }
})

/** The whole file as bytes. */
export const localRead = smallFiles("Read a file of 4 KiB from disk", 1.1, async (files, nameOf) => {
  await saveAll(files, nameOf, FILES)
  await check(files, nameOf(0))
  return {
    async run(times) {
      for (let done = 0; done < times; done++) await files.read(nameOf(done % FILES))
    },
  }
})

/** Of files that are there. */
export const localExists = smallFiles("Ask whether a file is on disk", 1.1, async (files, nameOf) => {
  await saveAll(files, nameOf, FILES)
  if (await files.exists(nameOf(FILES))) throw new Error("A file exists that was not saved.")
  return {
    async run(times) {
      for (let done = 0; done < times; done++) {
        if (!(await files.exists(nameOf(done % FILES)))) throw new Error("A file that was saved does not exist.")
      }
    },
  }
})

/** Of files that are there. */
export const localDelete = smallFiles("Delete a file on disk", 1.1, async (files, nameOf) => ({
  prepare: (times) => saveAll(files, nameOf, times),
  async run(times) {
    for (let number = 0; number < times; number++) await files.remove(nameOf(number))
    if (await files.exists(nameOf(0))) throw new Error("A file that was deleted exists.")
  },
}))
