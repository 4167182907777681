// What the packed packages are tried with. The lowest Node is the one of `engines`; a bare major is its newest release.
const LOWEST_NODE = "22.12.0"
export const NODES = [LOWEST_NODE, "22", "24", "26"]

/** From 22.18 on Node takes the types out of TypeScript itself. */
export const runsTypeScript = (node) => node !== LOWEST_NODE

/** Of each, the package that the registry has it in. */
export const TYPESCRIPTS = new Map([
  ["5.8", "typescript@5.8.3"],
  ["6", "typescript@6.0.3"],
  ["7", "typescript@7.0.2"],
])

export const ESBUILD = "esbuild@0.28.2"
export const VERDACCIO = "verdaccio@6.10.4"
