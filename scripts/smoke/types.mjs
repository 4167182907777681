// The declarations of the packages, in programs of others: every TypeScript, both ways of finding modules, strict.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./run.mjs"
import { TYPESCRIPTS } from "./versions.mjs"

const MODULES = {
  nodenext: { module: "nodenext", lib: ["es2023"] },
  bundler: { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom", "dom.iterable"] },
}

/** The work of a row: each TypeScript, each resolution, with and without exactOptionalPropertyTypes. */
export function underEachTypeScript(app, compilers) {
  const cells = [...TYPESCRIPTS.keys()].flatMap((version) =>
    Object.keys(MODULES).flatMap((name) =>
      [true, false].map((exact) => {
        const column = `TypeScript ${version} ${name}${exact ? " exact" : ""}`
        return [column, () => check(app, compilers, version, options(name, exact), filesOf(name))]
      }),
    ),
  )
  return Object.fromEntries(cells)
}

/** Core for programs without `@types/node`. Its declarations name Node's streams, hence `skipLibCheck`. */
export function withoutNodeTypes(app, compilers) {
  const neutral = { ...options("bundler", true), types: [], skipLibCheck: true }
  const cells = [...TYPESCRIPTS.keys()].map((version) => [
    `TypeScript ${version}`,
    () => check(app, compilers, version, neutral, ["neutral.ts"]),
  ])
  return Object.fromEntries(cells)
}

function options(name, exactOptionalPropertyTypes) {
  return {
    target: "es2023",
    ...MODULES[name],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    noEmit: true,
  }
}

/** A bundler's programs have no CommonJS. */
const filesOf = (name) => ["app.ts", "umbrella.ts", ...(name === "nodenext" ? ["common.cts"] : [])]

async function check(app, compilers, version, compilerOptions, files) {
  const { module, exactOptionalPropertyTypes: exact } = compilerOptions
  const project = join(app, `tsconfig.${version}-${module}-${exact}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions, files }))
  await run(process.execPath, [join(compilers, `node_modules/typescript-${version}/bin/tsc`), "-p", project], {
    cwd: app,
  })
}
