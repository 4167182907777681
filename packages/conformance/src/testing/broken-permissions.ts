import type { BrokenDriver } from "./broken-drivers.ts"

/** Faults of `permissions`. */
export const BROKEN_PERMISSIONS: readonly BrokenDriver[] = [
  {
    fault: "forgets what a copy needs",
    caughtBy: "permissions > are told for each operation that the driver has",
    breaks: ({ permissions }) => ({ permissions: { ...permissions, copy: undefined } }),
  },
  {
    fault: "tells a permission without what it is granted on",
    caughtBy: "permissions > are named, and say what they are granted on",
    breaks: ({ permissions }) => ({ permissions: { ...permissions, list: [{ name: "reference:List", on: "" }] } }),
  },
]
