import { type Storage, transfer } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { type BenchRow, OURS, type Work } from "../harness/row.ts"

/** Storages with so many small files, of which the target has those that are told. */
function transferring(isFull: boolean): Work {
  let from: Storage
  let to: Storage
  return {
    async prepare(count) {
      from ??= await filled(count)
      to = isFull ? await filled(count) : new MemoryStorage()
    },
    async run(count) {
      const { copied, failures } = await transfer(from, to)
      const expected = isFull ? 0 : count
      if (copied !== expected || failures.length > 0) throw new Error(`${copied} files were copied, not ${expected}.`)
    },
  }
}

async function filled(count: number): Promise<Storage> {
  const storage = new MemoryStorage()
  for (let index = 0; index < count; index++) await storage.write(`${index % 100}/${index}.txt`, `file ${index}`)
  return storage
}

/**
 * Small files from one storage in memory to another. Where all are copied, the growth is mostly the target's own: what
 * the transfer itself holds is seen where the target has all of them already.
 */
export const growthTransfer: BenchRow = {
  title: "Transfer small files, by their number",
  unit: "file",
  times: 1,
  sizes: [1000, 10_000, 100_000],
  rounds: 1,
  ratioOf: "cpu",
  base: OURS,
  goals: [],
  subjects: {
    [OURS]: async () => transferring(false),
    [`${OURS}, nothing to copy`]: async () => transferring(true),
  },
}
