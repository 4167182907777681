/** In milliseconds, for each test and hook. No assertion: what hangs ends, and what a busy machine does slowly does not. */
export const TIME_LIMIT = 600_000

/**
 * How long a test waits at the most for what must happen, in milliseconds. No assertion: on a busy machine it may take
 * minutes. It is less than a test's own limit, so that what did not happen is named.
 */
export const PATIENCE = 300_000
