/** How long a test waits at the most for what must happen, in milliseconds. No assertion: a machine may be busy. */
export const PATIENCE = 60_000
