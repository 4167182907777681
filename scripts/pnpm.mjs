/** The package manager, run by npx: nobody needs to have it. */
export const PNPM = "pnpm@12.21.0"
