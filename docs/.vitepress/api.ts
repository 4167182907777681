// Writes the API reference into docs/api/, from the docstrings of what the packages export: one page for each name.
// Ends with 1 when an exported name has no docstring, or a docstring links to nothing.
import { readFileSync, readdirSync, existsSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  Application,
  Comment,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
  ReferenceReflection,
  ReflectionKind,
} from "typedoc"
import type { PluginOptions } from "typedoc-plugin-markdown"
import { ROOT, sourceUrl } from "./repository.ts"

const HERE = dirname(fileURLToPath(import.meta.url))
const OUTPUT = join(HERE, "../api")

interface Entry {
  /** What apps import: "@node-storages/http/koa". */
  readonly name: string
  /** Its source, below the root. */
  readonly source: string
  readonly description: string
}

interface Manifest {
  readonly name: string
  readonly description: string
  readonly exports: Readonly<Record<string, string | { readonly "node-storages-source"?: string }>>
}

const manifests = new Map<string, Manifest>(
  readdirSync(join(ROOT, "packages"))
    .filter((folder) => existsSync(join(ROOT, "packages", folder, "package.json")))
    .map((folder) => [folder, JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8"))]),
)

/** Core comes first and the umbrella last: a name belongs to the entry that has it first, the others refer to it. */
function entries(): Entry[] {
  const rank = (folder: string) => (folder === "core" ? 0 : folder === "cli" ? 2 : 1)
  return [...manifests]
    .toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .flatMap(([folder, { name, description, exports }]) =>
      Object.entries(exports).flatMap(([path, target]) => {
        const source = typeof target === "string" ? undefined : target["node-storages-source"]
        return source === undefined
          ? []
          : [
              {
                name: join(name, path),
                source: join("packages", folder, source),
                description: path === "." ? description : `A part of \`${name}\`, imported by itself.`,
              },
            ]
      }),
    )
}

/**
 * Modules are called as apps import them, not after the files in which they stand, and tell what they are for. One that
 * only passes on what others export says so, instead of a list of a hundred names.
 */
function describeModules(project: ProjectReflection): void {
  const byFile = new Map(entries().map((entry) => [join(ROOT, entry.source), entry]))
  const modules = project.getReflectionsByKind(ReflectionKind.Module).filter((module) => module.isDeclaration())
  for (const module of modules) {
    const entry = byFile.get(module.sources?.[0]?.fullFileName ?? "")
    if (entry === undefined) throw new Error(`${module.name} is no entry of a package.`)
    module.name = entry.name
    module.comment = new Comment([{ kind: "text", text: entry.description }])
  }
  for (const module of modules) {
    const references = (module.children ?? []).filter((child) => child instanceof ReferenceReflection)
    if (references.length < (module.children ?? []).length || references.length === 0) continue
    const owners = new Set(
      references.map((reference) => reference.getTargetReflectionDeep().parent as DeclarationReflection),
    )
    const links = [...owners].map((target) => ({
      kind: "inline-tag" as const,
      tag: "@link" as const,
      text: target.name,
      target,
    }))
    for (const reference of references) project.removeReflection(reference)
    const text = (words: string) => ({ kind: "text" as const, text: words })
    module.comment = new Comment([
      ...module.comment!.summary,
      text("\n\nIt exports everything of "),
      ...links.flatMap((link, index) => (index === 0 ? [link] : [text(" and "), link])),
      text("."),
    ])
  }
}

/** The exported names, and the methods of exported classes, that have no docstring. */
function undocumented(project: ProjectReflection): string[] {
  const names: DeclarationReflection[] = []
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    if (!module.isDeclaration()) continue
    for (const child of module.children ?? []) {
      if (child.kindOf(ReflectionKind.Reference)) continue
      const methods = child.kind === ReflectionKind.Class ? child.getChildrenByKind(ReflectionKind.Method) : []
      names.push(child, ...methods.filter(({ flags, inheritedFrom }) => !flags.isExternal && !inheritedFrom))
    }
  }
  return names
    .filter((name) => ![name, ...(name.signatures ?? [])].some((reflection) => reflection.hasComment()))
    .map((name) => `${name.getFullName()} has no docstring (${name.sources?.[0]?.fileName})`)
}

const MARKDOWN: PluginOptions = {
  navigationJson: join(OUTPUT, "navigation.json"),
  entryFileName: "index.md",
  excludeScopesInPaths: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  expandObjects: false,
  parametersFormat: "table",
  propertyMembersFormat: "list",
  indexFormat: "table",
  sanitizeComments: true,
  pageTitleTemplates: {
    index: () => "API reference",
    module: ({ name }) => name,
    member: ({ name }) => name,
  },
}

rmSync(OUTPUT, { recursive: true, force: true })
const app = await Application.bootstrapWithPlugins({
  entryPoints: entries().map(({ source }) => join(ROOT, source)),
  tsconfig: join(HERE, "tsconfig.api.json"),
  plugin: ["typedoc-plugin-markdown"],
  router: "member",
  out: OUTPUT,
  name: "node-storages",
  readme: "none",
  basePath: ROOT,
  disableGit: true,
  sourceLinkTemplate: `${sourceUrl("packages/{path}")}#L{line}`,
  navigation: { includeCategories: false, includeGroups: true, includeFolders: false, excludeReferences: true },
  sort: ["source-order"],
  sortEntryPoints: false,
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables", "*"],
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  logLevel: "Warn",
  // `tsc -b` has judged the types.
  skipErrorChecking: true,
  validation: { notExported: true, invalidLink: true, rewrittenLink: false, invalidPath: true },
  treatValidationWarningsAsErrors: true,
  ...MARKDOWN,
})
app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => describeModules(project))

const project = await app.convert()
if (!project) process.exit(1)
app.validate(project)
for (const problem of undocumented(project)) app.logger.error(problem)
await app.generateOutputs(project)
if (app.logger.hasErrors() || app.logger.validationWarningCount > 0) process.exit(1)
