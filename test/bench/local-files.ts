import { access, link, mkdtemp, open, readFile, rm, unlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LocalStorage } from "@node-storages/local"
import { rates, type Row } from "./table.ts"

/** 4 KiB files on this machine's disk, against node:fs/promises with the same guarantees. */
export async function localFiles(): Promise<Row[]> {
  const folder = await mkdtemp(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "node-storages-bench-"))
  const raw = await mkdtemp(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "node-storages-raw-"))
  try {
    const storage = new LocalStorage(folder)
    const bytes = Buffer.alloc(4096, 7)
    await storage.write("read.bin", bytes)
    await writeFile(join(raw, "read.bin"), bytes)
    let number = 0
    const rawSave = async () => {
      const name = join(raw, `${number++}.bin`)
      const file = await open(`${name}.tmp`, "wx")
      await file.write(bytes)
      await file.close()
      await link(`${name}.tmp`, name)
      await unlink(`${name}.tmp`)
      return name
    }
    const rows: Row[] = []
    const compare = async (what: string, floor: () => unknown, ours: () => unknown) => {
      const measured = await rates({ floor, ours }, { rounds: 5 })
      rows.push({
        what,
        "floor µs": (1e6 / measured["floor"]!).toFixed(0),
        "ours µs": (1e6 / measured["ours"]!).toFixed(0),
        ratio: (measured["floor"]! / measured["ours"]!).toFixed(2),
      })
    }
    await compare("save (temporary file, link)", rawSave, () => storage.save(`${number++}.bin`, bytes))
    await compare(
      "read",
      () => readFile(join(raw, "read.bin")),
      () => storage.open("read.bin").bytes(),
    )
    await compare(
      "exists",
      () => access(join(raw, "read.bin")),
      () => storage.exists("read.bin"),
    )
    await compare(
      "save and delete",
      async () => unlink(await rawSave()),
      async () => storage.delete(await storage.save(`${number++}.bin`, bytes)),
    )
    return rows
  } finally {
    await Promise.all([folder, raw].map((each) => rm(each, { recursive: true, force: true })))
  }
}
