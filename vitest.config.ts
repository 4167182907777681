import { defineConfig } from "vitest/config"

// Not "import": Node's workers would take it for what packages `require` as well, and Express would not start.
const CONDITIONS = ["node-storages-source", "node"]

/** Tests run from the sources: the custom condition points every package of ours to its `src/index.ts`. */
const shared = {
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
}

export default defineConfig({
  test: {
    projects: [
      // Processes that a test starts take their time where the machine has other work.
      { ...shared, test: { name: "packages", include: ["packages/*/src/**/*.test.ts"], testTimeout: 30_000 } },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["test/**/*.test.ts", "docs/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          globalSetup: ["test/servers/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // A server or browser that stalls on a busy machine gets a second chance; the report names every retry.
          retry: process.env["CI"] === undefined ? 0 : 1,
        },
      },
    ],
  },
})
