// Overwrites one name and saves others, with bodies that tell whether they are whole, until it is killed.
import { LocalStorage } from "@node-storages/local"
import { wholeBody } from "./whole-body.ts"

const { folder, seed } = JSON.parse(process.argv[2]!) as { folder: string; seed: number }
const storage = new LocalStorage(folder)

async function* slowly(bytes: Uint8Array) {
  for (let start = 0; start < bytes.byteLength; start += 50_000) {
    yield bytes.subarray(start, start + 50_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

for (let round = 0; ; round++) {
  process.stdout.write(".")
  const body = wholeBody(`${seed}-${round}`, 400_000)
  await Promise.all([
    storage.write("same.bin", slowly(body), { metadata: { round: `${seed}-${round}` } }),
    storage.save("many/new.bin", slowly(body)),
    storage.write("small.txt", `${seed}-${round} `.repeat(100)),
  ])
}
