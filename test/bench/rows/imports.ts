import { spawnSync } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type BenchRow, type Cost, NotHere, OURS, type Subject } from "../harness/row.ts"

const PACKAGES = fileURLToPath(new URL("../../../packages", import.meta.url))
const PEERS = fileURLToPath(new URL("../peers", import.meta.url))

/** The built package, as it is published. */
const built = (name: string) => join(PACKAGES, name, "dist/index.js")

/** Imports modules in a fresh process, whose own time and processor time from before the first import count. */
function importing(specifiers: readonly string[], from: string = join(PACKAGES, "s3")): Subject {
  return async ({ folder }) => {
    for (const each of specifiers) {
      if (each.startsWith(PACKAGES) && !existsSync(each)) throw new NotHere("it is not built: npm run build")
    }
    if (from === PEERS && !existsSync(join(PEERS, "node_modules"))) throw new NotHere("the peers are not installed")
    const empty = join(folder, "empty.mjs")
    writeFileSync(empty, "")
    const imports = [...(specifiers.length === 0 ? [empty] : []), ...specifiers]
    return {
      async run(times) {
        const costs = Array.from({ length: times }, () => importOnce(imports, from))
        const sum = (of: keyof Cost) => costs.reduce((total, cost) => total + cost[of], 0)
        return { wall: sum("wall"), cpu: sum("cpu") }
      },
    }
  }
}

function importOnce(specifiers: readonly string[], folder: string): Cost {
  const imports = specifiers.map((each) => `await import(${JSON.stringify(each)})`).join(";")
  const script = `const before = process.cpuUsage(); const start = performance.now(); ${imports}
    const wall = performance.now() - start; const { user, system } = process.cpuUsage(before)
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }))`
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`${specifiers.join(", ")} can't be imported.\n${stderr}`)
  return JSON.parse(stdout) as Cost
}

const EMPTY = "an empty module"
const NODE = "node:fs and node:crypto"
const SDK = "@aws-sdk/client-s3"
const COMMON = { unit: "import", times: 1, rounds: 9, ratioOf: "wall" } as const
const peer = (...specifiers: string[]) => importing(specifiers, PEERS)

/** How long the first import takes, in a process of its own; of what is published, not of the sources. */
export const importCore: BenchRow = {
  title: "Import core",
  ...COMMON,
  base: EMPTY,
  goals: [{ base: EMPTY, atMost: 1, plus: 5 }],
  subjects: { [EMPTY]: importing([]), [OURS]: importing([built("core")]) },
}

/** With an adapter for the disk, beside the modules of Node that every one of them needs. */
export const importLocal: BenchRow = {
  title: "Import core and local disk",
  ...COMMON,
  base: NODE,
  goals: [{ base: NODE, atMost: 1, plus: 10 }],
  subjects: {
    [NODE]: importing(["node:fs", "node:crypto"]),
    [OURS]: importing([built("core"), built("local")]),
    flydrive: peer("flydrive", "flydrive/drivers/fs"),
    flystorage: peer("@flystorage/file-storage", "@flystorage/local-fs"),
    "files-sdk": peer("files-sdk", "files-sdk/fs"),
    unstorage: peer("unstorage", "unstorage/drivers/fs"),
    tweedegolf: peer("@tweedegolf/sab-adapter-local"),
  },
}

/** With an adapter for S3, beside the client that it stands on; the SDKs of Google and Azure for comparison. */
export const importS3: BenchRow = {
  title: "Import core and S3",
  ...COMMON,
  rounds: 9,
  base: SDK,
  goals: [{ base: SDK, atMost: 1, plus: 5 }],
  subjects: {
    [SDK]: importing([SDK]),
    [OURS]: importing([built("core"), built("s3")]),
    "@google-cloud/storage": importing(["@google-cloud/storage"], join(PACKAGES, "gcs")),
    "@azure/storage-blob": importing(["@azure/storage-blob"], join(PACKAGES, "azure")),
    s3mini: peer("s3mini"),
    aws4fetch: peer("aws4fetch"),
    flydrive: peer("flydrive", "flydrive/drivers/s3"),
    flystorage: peer("@flystorage/file-storage", "@flystorage/aws-s3"),
    "files-sdk": peer("files-sdk", "files-sdk/s3"),
  },
}
