import { StorageError } from "@node-storages/core"

/** In seconds: browsers keep an answer to a preflight for two hours at the most. */
export const PREFLIGHT_AGE = "7200"

/** Origins of pages, each looked at. @throws StorageError `invalid-option` for what is none */
export function checkedOrigins(origins: readonly string[], subject: string): ReadonlySet<string> {
  for (const origin of origins) {
    if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) continue
    throw new StorageError(
      "invalid-option",
      `${subject}: allowOrigins: ${JSON.stringify(origin)} is no origin: scheme, host and port without a path, "https://www.example.com".`,
    )
  }
  return new Set(origins)
}
