/** Resolved from this folder, as `import` does: some peers have nothing that `require` could find. */
export const load = (specifier) => import(specifier)
