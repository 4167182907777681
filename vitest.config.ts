import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { TIME_LIMIT } from "./test/patience.ts"
import { FileOrder } from "./test/run/file-order.ts"
import { DOCUMENTS, ISOLATED_IN_PACKAGES } from "./test/run/projects.ts"
import { Summary } from "./test/run/summary.ts"

// Not "import": Node's workers would take it for what packages `require` as well, and Express would not start.
const CONDITIONS = ["node-storages-source", "node"]

/** Tests run from the sources: the custom condition points every package of ours to its `src/index.ts`. */
const shared = {
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
}
const setupFiles = ["test/run/processor-time.ts"]
const limits = { testTimeout: TIME_LIMIT, hookTimeout: TIME_LIMIT }
const servers = { globalSetup: ["test/servers/global-setup.ts"] }
const packages = "packages/*/src/**/*.test.ts"

export default defineConfig({
  test: {
    // A test often waits for a server: one worker would leave a core idle.
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: FileOrder },
    reporters: ["default", new Summary()],
    projects: [
      {
        ...shared,
        test: {
          name: "packages",
          include: [packages],
          exclude: Object.keys(ISOLATED_IN_PACKAGES),
          isolate: false,
          setupFiles: [...setupFiles, "test/run/restore.ts"],
          ...limits,
        },
      },
      {
        ...shared,
        test: { name: "packages-isolated", include: Object.keys(ISOLATED_IN_PACKAGES), setupFiles, ...limits },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["test/**/*.test.ts", "docs/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...DOCUMENTS],
          setupFiles,
          ...servers,
          ...limits,
        },
      },
      { ...shared, test: { name: "documents", include: [...DOCUMENTS], setupFiles, ...servers, ...limits } },
    ],
  },
})
