import { type Backend, BACKENDS, type StorageChoice } from "./backends.ts"

/** What the configuration is to hold. */
export interface Choices {
  readonly media: StorageChoice
  readonly static: StorageChoice | undefined
  /** The folder of static files, where there are some. */
  readonly sources: string
}

/** The text of a configuration. TypeScript and JavaScript write it in the same way. */
export function configSource({ media, static: files, sources }: Choices): string {
  const storages = [entry("media", media), ...(files ? [entry("static", files)] : [])]
  const parts = [
    importsOf(files ? [media, files] : [media], files !== undefined),
    "/** The storages of the app, for its own code and for the command `storages`. */",
    `export const storages = defineStorages({\n${storages.join("\n")}\n})`,
    ...(files ? [staticSource(files, sources)] : []),
  ]
  return `${parts[0]!}\n\n${parts[1]!}\n${parts.slice(2).join("\n\n")}\n`
}

/** The packages that the configuration imports. */
export function packagesOf({ media, static: files }: Choices): string[] {
  const adapters = [media, ...(files ? [files] : [])].map(({ backend }) => BACKENDS[backend]!.package)
  return [...new Set(["node-storages", ...adapters])]
}

function importsOf(choices: readonly StorageChoice[], hasStatic: boolean): string {
  const names = new Map<string, Set<string>>([["node-storages", new Set(["defineStorages"])]])
  for (const { backend } of choices) {
    const { package: module, class: made, preset } = BACKENDS[backend]!
    const found = names.get(module) ?? new Set()
    for (const name of [made, ...(preset === undefined ? [] : [preset])]) found.add(name)
    names.set(module, found)
  }
  if (hasStatic) names.set("node-storages/static", new Set(["defineStatic"]))
  const sorted = [...names].toSorted(([one], [other]) => Number(one[0] === "@") - Number(other[0] === "@"))
  return sorted.map(([module, found]) => `import { ${[...found].join(", ")} } from "${module}"`).join("\n")
}

function entry(name: string, choice: StorageChoice): string {
  const backend = BACKENDS[choice.backend]!
  const options = optionsOf(backend, choice)
  const given = options.length === 0 ? "" : `, { ${options.join(", ")} }`
  const comments = backend.credentials === undefined ? [] : [backend.credentials]
  if (choice.backend === "local" && !choice.isPublic) {
    comments.push("Private: the app delivers its files, by serveStorage() of node-storages/http.")
  }
  const line = `  ${name}: () => new ${backend.class}(${JSON.stringify(choice.bucket)}${given}),`
  return [...comments.map((comment) => `  // ${comment}`), line].join("\n")
}

function optionsOf(backend: Backend, choice: StorageChoice): string[] {
  const { region, endpoint, account, isPublic, url } = choice
  const text = (name: string, value: string): string => `${name}: ${JSON.stringify(value)}`
  const options: string[] = []
  if (backend.preset !== undefined) {
    const told = { r2: text("accountId", account), minio: text("endpoint", endpoint) }[backend.preset]
    options.push(`...${backend.preset}({ ${told ?? text("region", region)} })`)
  } else if (backend.class === "S3Storage") {
    if (backend.asks.includes("endpoint")) options.push(text("endpoint", endpoint), "forcePathStyle: true")
    options.push(text("region", region))
  } else if (backend.class === "AzureStorage") {
    options.push(text("accountName", account))
  }
  if (url !== "") options.push(text("baseUrl", url))
  else if (isPublic && choice.backend !== "local") options.push("signedUrls: false")
  return options
}

function staticSource(choice: StorageChoice, sources: string): string {
  const list = `sources: [${JSON.stringify(sources)}]`
  if (choice.backend === "local") {
    return `export const staticConfig = defineStatic({ storage: storages.static, ${list} })`
  }
  return [
    "export const staticConfig = defineStatic({",
    "  storage: storages.static,",
    `  ${list},`,
    "  // A bucket does not look for compressed siblings: each file is stored compressed instead.",
    '  contentEncoding: "gzip",',
    "})",
  ].join("\n")
}
