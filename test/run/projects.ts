/** Which files run how, for Vitest's configuration. */

/** Files of packages that need a process of their own, with the reason. The others share one. */
export const ISOLATED_IN_PACKAGES: Readonly<Record<string, string>> = {
  "packages/static/src/compression/cache-rename.test.ts": "replaces a module of Node's, which others have loaded",
}

/** Those that take more than half a minute: they begin before the others. */
export const SLOW_FILES: readonly string[] = [
  "test/uploads/direct/browser-services.test.ts",
  "test/static/real-packages/real-packages.test.ts",
  "test/conformance/azure.test.ts",
  "test/conformance/gcs.test.ts",
  "test/conformance/s3.test.ts",
  "test/conformance/r2.test.ts",
  "test/static/bad-input/large-files.test.ts",
  "test/uploads/direct/services.test.ts",
]

/**
 * What the documents promise as a whole: the site is built, packages are packed and installed, a browser looks.
 * `npm run check` runs them, which has built and packed everything; one version of Node is enough.
 */
export const DOCUMENTS: readonly string[] = [
  "test/docs/site.test.ts",
  "test/docs/start.test.ts",
  "test/docs/web-example.test.ts",
  "test/recordings/recordings.test.ts",
]
