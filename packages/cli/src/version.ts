import { readFileSync } from "node:fs"

/** Of this package, by its package.json: beside `dist/` as beside `src/`. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version
