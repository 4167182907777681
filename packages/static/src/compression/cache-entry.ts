import { hash } from "node:crypto"

/** What compression came to: the bytes, or that they are not worth a sibling. */
export type Outcome = Uint8Array | "not-worthwhile"

/*
 * An entry holds the outcomes of all encodings of a file: to create files is what a cache costs most. It is the SHA-256
 * of all that follows, four bytes of name and version, the number of outcomes, the length of each, and their bytes. An
 * entry that was cut short, or that the disk has changed, does not have its digest any more.
 */
const DIGEST_SIZE = 32
const MAGIC = Buffer.from("NSC1")
const COUNT_AT = DIGEST_SIZE + MAGIC.byteLength
const LENGTHS_AT = COUNT_AT + 1
const LENGTH_SIZE = 6
/** As a length: there are no bytes, because they were not worth it. */
const NOT_WORTHWHILE = 2 ** (8 * LENGTH_SIZE) - 1

/** The bytes of an entry's file. */
export function writeEntry(outcomes: readonly Outcome[]): Buffer {
  const header = Buffer.alloc(LENGTHS_AT + outcomes.length * LENGTH_SIZE)
  MAGIC.copy(header, DIGEST_SIZE)
  header[COUNT_AT] = outcomes.length
  for (const [index, outcome] of outcomes.entries()) {
    const length = outcome === "not-worthwhile" ? NOT_WORTHWHILE : outcome.byteLength
    header.writeUIntBE(length, LENGTHS_AT + index * LENGTH_SIZE, LENGTH_SIZE)
  }
  const file = Buffer.concat([header, ...outcomes.filter((outcome) => outcome !== "not-worthwhile")])
  digestOf(file).copy(file)
  return file
}

/** What an entry's file says, or undefined where it is damaged. */
export function readEntry(file: Buffer): Outcome[] | undefined {
  if (file.byteLength < LENGTHS_AT || !digestOf(file).equals(file.subarray(0, DIGEST_SIZE))) return undefined
  if (!file.subarray(DIGEST_SIZE, COUNT_AT).equals(MAGIC)) return undefined
  const count = file[COUNT_AT]!
  let position = LENGTHS_AT + count * LENGTH_SIZE
  return Array.from({ length: count }, (_, index) => {
    const length = file.readUIntBE(LENGTHS_AT + index * LENGTH_SIZE, LENGTH_SIZE)
    if (length === NOT_WORTHWHILE) return "not-worthwhile"
    const start = position
    position += length
    return file.subarray(start, position)
  })
}

function digestOf(file: Buffer): Buffer {
  return hash("sha256", file.subarray(DIGEST_SIZE), "buffer")
}
