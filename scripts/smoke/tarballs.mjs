// What is in the tarballs: what a package needs where it is installed, and nothing of the workspace.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { packages } from "../packages.mjs"
import { mustBe } from "./run.mjs"

/** Kilobytes of 1000 bytes: the largest is twice as large as the largest was when this was written. */
const LARGEST_TARBALL = 160

const BELONGS = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.*\.(js|d\.ts))$/
const OF_TESTS = /\.test\.|(^|\/)testing\//

/** The work of a row: each package as it is installed, and its tarball's size. */
export function contents(app, tarballs) {
  const cells = packages.map(({ manifest }) => {
    const { name } = manifest
    return [
      name,
      async () => {
        const folder = join(app, "node_modules", name)
        const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
          (file) => statSync(join(folder, file)).isFile() && !file.startsWith("node_modules"),
        )
        holdsFiles(files)
        for (const file of files) leadsSomewhere(folder, file)
        saysAll(folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8")), manifest)
        const size = statSync(tarballs.get(name)).size / 1000
        if (size > LARGEST_TARBALL) throw new Error(`The tarball is ${size.toFixed(0)} KB: over ${LARGEST_TARBALL} KB.`)
        return `${files.length} files, ${size.toFixed(0)} KB of at most ${LARGEST_TARBALL}`
      },
    ]
  })
  return Object.fromEntries(cells)
}

function holdsFiles(files) {
  const strange = files.filter((file) => !BELONGS.test(file) || OF_TESTS.test(file))
  mustBe("what does not belong into it", strange.join(), "")
  for (const file of ["package.json", "README.md", "LICENSE"])
    mustBe(`whether it has ${file}`, files.includes(file), true)
}

/** No file names one that is not there: maps, declarations, chunks. */
function leadsSomewhere(folder, file) {
  if (!/\.(js|d\.ts)$/.test(file)) return
  const source = readFileSync(join(folder, file), "utf8")
  const [map] = /^\/\/# sourceMappingURL=.*/m.exec(source) ?? []
  mustBe(`the source map of ${file}`, map, undefined)
  for (const [, target] of source.matchAll(/(?:\bfrom|^import)\s*["'](\.{1,2}\/[^"']+)["']/gm)) {
    const path = join(folder, dirname(file), target)
    const shown = file.endsWith(".d.ts") ? path.replace(/\.(js|ts)$/, ".d.ts") : path
    if (!existsSync(shown)) throw new Error(`${file} names ${target}, which is not there.`)
  }
}

function saysAll(folder, installed, { name, version, dependencies = {} }) {
  mustBe("its name", installed.name, name)
  mustBe("its version", installed.version, version)
  for (const key of ["devDependencies", "scripts"]) mustBe(key, installed[key], undefined)
  mustBe("its dependencies", Object.keys(installed.dependencies ?? {}).join(), Object.keys(dependencies).join())
  for (const [dependency, range] of Object.entries(installed.dependencies ?? {})) {
    if (!/^[\^~]?\d/.test(range)) throw new Error(`${dependency} is asked for in version ${range}.`)
  }
  for (const [entry, target] of Object.entries(installed.exports)) {
    if (typeof target === "string") continue
    mustBe(`the conditions of ${entry}`, Object.keys(target).join(), "types,default")
    for (const path of Object.values(target)) mustBe(`whether ${path} is there`, existsSync(join(folder, path)), true)
  }
  for (const path of Object.values(installed.bin ?? {})) {
    mustBe(
      `the first line of ${path}`,
      readFileSync(join(folder, path), "utf8").startsWith("#!/usr/bin/env node\n"),
      true,
    )
  }
}
