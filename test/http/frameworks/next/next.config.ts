import { fileURLToPath } from "node:url"
import type { NextConfig } from "next"

const PACKAGES = "../../../../packages"

const config: NextConfig = {
  // The handler itself leads to the path with a slash where there is an index.
  skipTrailingSlashRedirect: true,
  headers: async () => [{ source: "/:path*", headers: [{ key: "X-App", value: "yes" }] }],
  turbopack: {
    root: fileURLToPath(new URL("../../../..", import.meta.url)),
    // From the sources, as the other tests: Turbopack knows no conditions of ours.
    resolveAlias: {
      "@node-storages/core": `${PACKAGES}/core/src/index.ts`,
      "@node-storages/http/next": `${PACKAGES}/http/src/next.ts`,
      "@node-storages/local": `${PACKAGES}/local/src/index.ts`,
    },
  },
}

export default config
