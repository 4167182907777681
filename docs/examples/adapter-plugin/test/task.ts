import type { SftpStorageOptions } from "storages-sftp"

export const MEBIBYTE: number = 1024 * 1024

/** What `process.ts` does in a process of its own. */
export interface Task {
  readonly root: string
  readonly options: SftpStorageOptions
  readonly task: "save" | "create" | "upload" | "large" | "idle"
  readonly id: string
}

/** A one-shot stream of so many bytes, in chunks of 64 KiB, each filled with its number. */
export async function* numbered(length: number): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk * 65_536 < length; chunk++) {
    yield new Uint8Array(Math.min(65_536, length - chunk * 65_536)).fill(chunk % 251)
  }
}
