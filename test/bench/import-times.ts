import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { median, type Row } from "./table.ts"

const packages = join(dirname(fileURLToPath(import.meta.url)), "../../packages")

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  "an empty module": [],
  core: ["core"],
  "node:fs/promises and node:crypto": ["node:fs/promises", "node:crypto"],
  "core + local": ["core", "local"],
  "@aws-sdk/client-s3 and lib-storage": ["@aws-sdk/client-s3", "@aws-sdk/lib-storage"],
  "core + s3": ["core", "s3"],
}

/** Milliseconds that importing takes in a fresh process, of the built packages. */
export async function importTimes(): Promise<Row[]> {
  const times: Record<string, number[]> = {}
  for (let round = 0; round < 9; round++) {
    for (const [name, specifiers] of Object.entries(SUBJECTS)) {
      const imports = specifiers.map((each) => `await import(${JSON.stringify(locate(each))})`).join(";")
      const script = `const start = performance.now(); ${imports}; console.log(performance.now() - start)`
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: join(packages, "s3"),
        encoding: "utf8",
      })
      if (status !== 0) throw new Error(`${name} can't be imported; run "npm run build" first.\n${stderr}`)
      ;(times[name] ??= []).push(Number(stdout))
    }
  }
  return Object.entries(times).map(([what, values]) => ({ what, milliseconds: median(values).toFixed(1) }))
}

function locate(specifier: string): string {
  return /^(core|local|s3)$/.test(specifier) ? join(packages, specifier, "dist/index.js") : specifier
}
