/** Of files in memory, which wait to be named, compressed and stored. A larger one comes when no other is there. */
export const BYTES_AT_ONCE: number = 256 * 1024 * 1024
