/*
 * Node's modules, without the names that `import` takes from them: for those of `node:fs` Node loads its streams, its
 * promises and readline, and `node:crypto` is large. Together they take longer than all of this package.
 */

export const fs: typeof import("node:fs") = process.getBuiltinModule("node:fs")

let loaded: typeof import("node:crypto") | undefined

/** Loaded when it is needed for the first time. */
export function nodeCrypto(): typeof import("node:crypto") {
  return (loaded ??= process.getBuiltinModule("node:crypto"))
}
