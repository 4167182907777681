import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { PATIENCE } from "../patience.ts"
import { type CodeBlock, type MarkdownDocument, readDocuments, ROOT } from "./markdown.ts"

interface Example {
  readonly title: string
  readonly file: string
  readonly block: CodeBlock
  readonly runs: boolean
  /** The folder of the document's edition before this one. */
  readonly before: string | undefined
}

const COMPILER_OPTIONS = {
  noEmit: true,
  composite: false,
  declaration: false,
  emitDeclarationOnly: false,
  lib: ["es2024", "esnext.array", "esnext.disposable"],
  isolatedDeclarations: false,
  rewriteRelativeImportExtensions: false,
  allowImportingTsExtensions: true,
  noUnusedLocals: false,
  typeRoots: [join(ROOT, "node_modules/@types")],
}

/** A block that begins with the comment `// storages.config.ts` can be imported by the others of its document. */
function fileNameOf(block: CodeBlock): string {
  return /^\/\/ ([\w.-]+\.ts)$/.exec(block.code[0] ?? "")?.[1] ?? `line-${block.line}.ts`
}

/**
 * The examples of a document. A file that it shows once more is a new edition of it: what comes after is beside that one,
 * and beside the other files as they were last shown.
 */
function examplesOf({ path, blocks }: MarkdownDocument): Example[] {
  const folders = [path.replaceAll("/", "__").replace(/\.md$/, "")]
  const found: Example[] = []
  for (const block of blocks.filter(({ info }) => info[0] === "ts")) {
    const name = fileNameOf(block)
    if (found.some(({ file }) => file === join(folders.at(-1)!, name))) {
      folders.push(`${folders[0]!}--${folders.length + 1}`)
    }
    const file = join(folders.at(-1)!, name)
    found.push({
      title: `${path}:${block.line}`,
      file,
      block,
      runs: block.info.includes("run"),
      before: folders.at(-2),
    })
  }
  return found
}

const examples: Example[] = readDocuments().flatMap(examplesOf)

/** Preamble and code on the lines on which they stand in the document, so that an error tells its place there. */
function moduleText({ preamble, code, line }: CodeBlock): string {
  const lines: string[] = []
  for (const part of preamble ? [preamble, { line, code }] : [{ line, code }]) {
    part.code.forEach((text, index) => (lines[part.line - 1 + index] = text))
  }
  return `${Array.from(lines, (text) => text ?? "").join("\n")}\nexport {}\n`
}

/** The examples as modules, outside of the tree: Node strips no types below node_modules. */
function writeExamples(): string {
  const folder = mkdtempSync(join(tmpdir(), "node-storages-docs-"))
  symlinkSync(join(ROOT, "test/node_modules"), join(folder, "node_modules"), "junction")
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }))
  const tsconfig = { extends: join(ROOT, "tsconfig.base.json"), compilerOptions: COMPILER_OPTIONS, include: ["*/*.ts"] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  for (const { file, block, before } of examples) {
    const directory = join(folder, dirname(file))
    const isNew = mkdirSync(directory, { recursive: true }) !== undefined
    if (isNew && before !== undefined) takeOver(join(folder, before), directory)
    // The guides for those who come from other libraries show these too.
    if (isNew && dirname(file).startsWith("docs__migrate__")) {
      symlinkSync(join(ROOT, "test/migrate/node_modules"), join(directory, "node_modules"), "junction")
    }
    writeFileSync(join(folder, file), moduleText(block))
  }
  return folder
}

/** What the edition before has and this one may not show again; a file that it does show is written over it. */
function takeOver(before: string, directory: string): void {
  for (const file of readdirSync(before).filter((name) => name.endsWith(".ts") && !name.startsWith("line-"))) {
    copyFileSync(join(before, file), join(directory, file))
  }
}

function typeErrors(folder: string): string[] {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc")
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  })
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "")
  return status === 0 ? [] : lines.length > 0 ? lines : [`tsc ended with ${status}`]
}

describe("the examples in the documents", () => {
  let folder: string
  let errors: string[]

  beforeAll(() => {
    folder = writeExamples()
    errors = typeErrors(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("are found where there are some, and each has a file of its own", () => {
    expect(examples.length).toBeGreaterThan(12)
    expect(examples.filter(({ runs }) => runs).length).toBeGreaterThan(3)
    expect(new Set(examples.map(({ file }) => file)).size).toBe(examples.length)
  })

  it.each(examples)("at $title have no type errors", ({ file }) => {
    expect(errors.filter((line) => line.startsWith(`${file}(`))).toEqual([])
  })

  it("have no type errors that belong to no example", () => {
    const heads = errors.filter((line) => /\(\d+,\d+\): error/.test(line) || !line.startsWith(" "))
    expect(heads.filter((line) => !examples.some(({ file }) => line.startsWith(`${file}(`)))).toEqual([])
  })

  it.each(examples.filter(({ runs }) => runs))("at $title run, and print what is shown", ({ file, block }) => {
    const path = join(folder, file)
    const environment = Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|VITEST)/.test(name))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=node-storages-source", "--no-warnings", basename(path)],
      { cwd: dirname(path), encoding: "utf8", env: Object.fromEntries(environment), timeout: PATIENCE },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    if (block.output !== undefined) expect(stdout.trimEnd()).toBe(block.output)
  })
})
