// The app of test/packed, as an ES module and by `require`, on every Node that the packages are for.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { transformWithOxc } from "vite"
import { mustBe, run } from "./run.mjs"
import { runsTypeScript } from "./versions.mjs"

const PRINTS = {
  "app.ts": "The packed packages work.",
  "umbrella.ts": "The umbrella works.",
  "common.cts": "The packed packages work by require.",
}

/** The work of a row: each file of the app, on each Node. */
export function onEachNode(app, nodes) {
  const columns = [...nodes].flatMap(([version, program]) =>
    Object.keys(PRINTS).map((file) => {
      const shown = runsTypeScript(version) ? file : file.replace("ts", "js")
      return [`Node ${version}: ${shown}`, () => useOn(app, version, program, file)]
    }),
  )
  return Object.fromEntries(columns)
}

async function useOn(app, version, program, file) {
  const folder = join(app, `on-node-${version}-${file}`)
  mkdirSync(folder)
  const script = runsTypeScript(version) ? join(app, file) : await asJavaScript(app, file)
  const { stdout, stderr } = await run(program, [script], { cwd: folder })
  mustBe("what the app printed", stdout.trim(), PRINTS[file])
  const warnings = stderr
    .split("\n")
    .filter((line) => /warning/i.test(line) && !/ExperimentalWarning|trace-warnings/.test(line))
  mustBe("what it warned of", warnings.join("\n"), "")
}

async function asJavaScript(app, file) {
  const script = join(app, file.replace("ts", "js"))
  const source = readFileSync(join(app, file), "utf8")
  const { code } = await transformWithOxc(source, file, { lang: "ts", target: "esnext", sourcemap: false })
  writeFileSync(script, code)
  return script
}
