import type { Context, Subject, Work } from "../harness/row.ts"

/** What the rows ask of a library, each by its own public interface. What one does not have, it leaves out. */
export interface ObjectClient {
  put?(name: string, bytes: Buffer): Promise<unknown>
  /** @returns the bytes, whole */
  get?(name: string): Promise<Uint8Array>
  exists?(name: string): Promise<boolean>
  /** @returns how many keys there are, all pages read */
  list?(): Promise<number>
  deleteMany?(names: readonly string[]): Promise<unknown>
  /** A GET URL, valid for an hour. */
  sign?(name: string): unknown
}

/** Makes a client for the bucket of a subject. @throws NotHere where its package is not installed */
export type MakeClient = (s3: Context["s3"]) => Promise<ObjectClient> | ObjectClient

/** One subject for each client. */
export function subjectsOf(
  clients: Readonly<Record<string, MakeClient>>,
  work: (client: Required<ObjectClient>, context: Context) => Promise<Work> | Work,
): Record<string, Subject> {
  const subject =
    (make: MakeClient): Subject =>
    async (context) =>
      work((await make(context.s3)) as Required<ObjectClient>, context)
  return Object.fromEntries(Object.entries(clients).map(([name, make]) => [name, subject(make)]))
}

/** Those clients of a list that are named. */
export function only(
  clients: Readonly<Record<string, MakeClient>>,
  ...names: readonly string[]
): Record<string, MakeClient> {
  return Object.fromEntries(names.map((name) => [name, clients[name]!]))
}
