/** A configuration with static files in a folder, and what else is told. */
export function staticConfiguration({
  storage = 'new LocalStorage("public", { baseUrl: "https://static.example.com/" })',
  sources = '["assets"]',
  options = "",
  imports = "",
}: {
  readonly storage?: string
  readonly sources?: string
  readonly options?: string
  readonly imports?: string
} = {}): string {
  return `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic, source } from "node-storages/static"
${imports}
export const storages = defineStorages({ static: () => ${storage} })
export const staticConfig = defineStatic({
  storage: storages.static,
  sources: ${sources},
  cacheFolder: false,
  ${options}
})
void [LocalStorage, source]
`
}

/** So many small files that `source` makes. */
export function manyFiles(amount: number, text = "v1"): string {
  return (
    `[source("many", () => Array.from({ length: ${amount} }, (_, index) => ` +
    `({ name: \`img/\${index}.svg\`, content: \`<svg><!-- ${text} \${index} --></svg>\` })))]`
  )
}
