// Compares core's public surface with packages/core/core.api.md, so that a change of it is seen in review.
// `--write` (npm run api) accepts the change.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor"
import { root } from "./packages.mjs"

const folder = join(root, "packages/core")
const write = process.argv.includes("--write")
const config = ExtractorConfig.prepare({
  packageJsonFullPath: join(folder, "package.json"),
  configObjectFullPath: undefined,
  configObject: {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, "dist/index.d.ts"),
    compiler: { tsconfigFilePath: join(folder, "tsconfig.json") },
    apiReport: {
      enabled: true,
      reportFileName: "core.api.md",
      reportFolder: folder,
      reportTempFolder: join(root, "node_modules/.cache/api"),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      extractorMessageReporting: {
        default: { logLevel: "none" },
        "ae-forgotten-export": { logLevel: "error" },
      },
      tsdocMessageReporting: { default: { logLevel: "none" } },
      compilerMessageReporting: { default: { logLevel: "none" } },
    },
  },
})
const result = Extractor.invoke(config, {
  localBuild: write,
  messageCallback: (message) => (message.handled = message.logLevel === "none" || message.category === "console"),
})
if (!existsSync(join(folder, "core.api.md")) || result.apiReportChanged) {
  console.error(
    write
      ? "The API report was written: packages/core/core.api.md."
      : "The public surface of core differs from packages/core/core.api.md. `npm run api` accepts the change.",
  )
  if (!write) process.exit(1)
} else console.log("The public surface of core is as reported.")
if (!result.succeeded && !write) process.exit(1)
