import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type CodeBlock, type MarkdownDocument, readDocuments, ROOT } from "./markdown.ts"
import { type ShellCommand, shellCommands } from "./shell.ts"
import { usageProblem } from "./storages-command.ts"

interface Place {
  readonly document: MarkdownDocument
  readonly block: CodeBlock
}

type Check = (place: Place) => Promise<string[]> | string[]

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")
const manifest = (path: string) => JSON.parse(read(path)) as { name: string; scripts?: Record<string, string> }

const MANIFESTS = ["packages/*/package.json", "docs/examples/*/package.json"]
const ours = new Set(globSync(MANIFESTS, { cwd: ROOT }).map((path) => manifest(path).name))
const scripts = new Set(Object.keys(manifest("package.json").scripts!))
const catalog = read("pnpm-workspace.yaml")
const tests = globSync("test/**/*.ts", { cwd: ROOT, exclude: ["**/node_modules/**"] })
  .filter((path) => !path.includes("test/docs/"))
  .map((path) => ({ path, text: read(path) }))

/** Of other people, where a document tells to use them. */
const OTHER_PROGRAMS: ReadonlySet<string> = new Set([
  "mkdir",
  "cd",
  "export",
  "rsync",
  "ssh-keygen",
  "az",
  "aws",
  "gcloud",
])

/** The reader's own: a document may start it without showing it. */
const THE_APP = "app.ts"

/** What npm itself has, as far as the documents use it. */
const NPM_COMMANDS: ReadonlySet<string> = new Set(["init", "pkg"])

/** A language without an entry fails the tests. */
const CHECKS: Readonly<Record<string, Check>> = {
  // examples.test.ts checks their types, runs those that say so, and compares what they print with the `text` behind.
  ts: () => [],
  text: () => [],
  json: ({ block }) => {
    try {
      JSON.parse(block.code.join("\n"))
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  },
  sh: async ({ document, block }) => {
    const problems = await Promise.all(shellCommands(block.code).map((command) => shellProblem(command, document)))
    return problems.filter((problem) => problem !== undefined)
  },
  nginx: servedBy,
  caddy: servedBy,
}

/** A configuration is what the tests run on the real server: one of them takes it out of this document. */
function servedBy({ document, block }: Place): string[] {
  const language = block.info[0]!
  const takes = tests.some(({ text }) => text.includes(`"${document.path}"`) && text.includes(`"${language}"`))
  return takes ? [] : [`no test takes the ${language} of ${document.path}`]
}

async function shellProblem(
  { words, variables, line }: ShellCommand,
  document: MarkdownDocument,
): Promise<string | undefined> {
  const [program, ...args] = words
  const names = variables.map((variable) => variable.split("=")[0]!)
  const unread = names.find((name) => name.startsWith("NODE_STORAGES_") && !isRead(name))
  if (unread !== undefined) return `${line}: nothing reads ${unread}`
  if (program === undefined || OTHER_PROGRAMS.has(program)) return undefined
  if (program === "npm") return npmProblem(args)
  if (program === "storages") return usageProblem(args)
  if (program === "npx" && args[0] === "storages") return usageProblem(args.slice(1))
  if (program === "node") return nodeProblem(args, document)
  return `${line}: nothing is known of ${program}`
}

function npmProblem([command = "", ...args]: readonly string[]): string | undefined {
  if (command === "install")
    return args
      .filter((arg) => !arg.startsWith("-"))
      .map(packageProblem)
      .find(Boolean)
  const script = command === "run" ? args[0]! : command
  if (scripts.has(script) || NPM_COMMANDS.has(command)) return undefined
  return `there is no script ${script}`
}

/** What people are told to install is a package of ours, or one that is at work in the tests. */
function packageProblem(name: string): string | undefined {
  if (ours.has(name) || new RegExp(`^  "?${name}"?: `, "m").test(catalog)) return undefined
  return `there is no package ${name}`
}

function nodeProblem(args: readonly string[], { blocks }: Pick<MarkdownDocument, "blocks">): string | undefined {
  const imported = args[args.indexOf("--import") + 1]
  if (args.includes("--import") && imported !== undefined) {
    return (
      packageProblem(imported) ??
      nodeProblem(
        args.filter((arg) => arg !== "--import" && arg !== imported),
        { blocks },
      )
    )
  }
  const file = args.find((arg) => !arg.startsWith("-"))
  if (file === undefined || file === THE_APP || existsSync(join(ROOT, file))) return undefined
  return blocks.some(({ code }) => code[0] === `// ${file}`) ? undefined : `there is no ${file}`
}

/** Whether the tests read this variable, by its name or by a prefix and what comes after it. */
function isRead(name: string): boolean {
  const words = name.split("_")
  const parts = words.map((_, count) => [words.slice(0, count).join("_"), words.slice(count).join("_")] as const)
  return tests.some(({ text }) => parts.some(([prefix, rest]) => text.includes(`${prefix}_`) && text.includes(rest)))
}

const places = readDocuments().flatMap((document) => document.blocks.map((block) => ({ document, block })))

describe("a code block of the documents", () => {
  it.each(places.map((place) => ({ title: `${place.document.path}:${place.block.line}`, place })))(
    "at $title is checked in a way that its language has",
    async ({ place }) => {
      const language = place.block.info[0]!
      const check = CHECKS[language]
      expect(check, `there is no check for ${language || "a block without a language"}`).toBeDefined()
      expect(await check!(place)).toEqual([])
    },
  )

  it("is looked at in each language that there is", () => {
    const languages = new Set(places.map(({ block }) => block.info[0]!))
    expect([...languages].toSorted()).toEqual(Object.keys(CHECKS).toSorted())
  })

  it.each([
    ["npm run demoo", "there is no script demoo"],
    ["npm install @node-storages/s4", "there is no package @node-storages/s4"],
    ["npm install left-pad", "there is no package left-pad"],
    ["npx storages lss media:", "unknown command 'lss'"],
    ["storages ls --bogus media:", "unknown option '--bogus'"],
    ["node missing.ts", "there is no missing.ts"],
    ["node --import @node-storages/s4 app.ts", "there is no package @node-storages/s4"],
    ["NODE_STORAGES_TESTS=1 npm test", "nothing reads NODE_STORAGES_TESTS"],
    ["frobnicate --all", "nothing is known of frobnicate"],
  ])("that told to type %s would be noticed", async (line, expected) => {
    const document = { path: "x.md", blocks: [], prose: [] }
    const block = { info: ["sh"], line: 1, code: [line], preamble: undefined, output: undefined }
    expect((await CHECKS["sh"]!({ document, block })).join()).toContain(expected)
  })
})

describe("a line of a shell", () => {
  it("is read as its commands, with words, variables, quotes and comments", () => {
    const lines = ["A=1 B='x y' \\", '  npm test -- "a b" # why', "mkdir app && cd app", "ls > out.txt | wc -l"]
    expect(shellCommands(lines)).toEqual([
      { line: 0, variables: ["A=1", "B=x y"], words: ["npm", "test", "--", "a b"] },
      { line: 2, variables: [], words: ["mkdir", "app"] },
      { line: 2, variables: [], words: ["cd", "app"] },
      { line: 3, variables: [], words: ["ls"] },
      { line: 3, variables: [], words: ["wc", "-l"] },
    ])
  })

  it("is refused where a quote has no end", () => {
    expect(() => shellCommands(['echo "a'])).toThrow("can't be read")
  })
})
