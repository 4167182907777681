import assert from "node:assert/strict"
import { inspect } from "node:util"
import { type FileInfo, type Storage, StorageError, type StorageErrorCode } from "@node-storages/core"

interface Expected {
  /** The message must tell this name. */
  readonly names?: string | undefined
}

/** Holds that the call is refused with this code (or one of these), by throwing or by rejecting. */
export async function expectError(
  code: StorageErrorCode | readonly StorageErrorCode[],
  call: () => unknown,
  { names }: Expected = {},
): Promise<StorageError> {
  const codes: readonly string[] = typeof code === "string" ? [code] : code
  const error = await failureOf(call)
  if (error === undefined) assert.fail(`The call succeeded where ${codes.join(" or ")} was expected.`)
  if (!StorageError.is(error)) assert.fail(`The call failed with no StorageError: ${inspect(error)}`)
  assert.ok(codes.includes(error.code), `The code is ${error.code}, not ${codes.join(" or ")}: ${inspect(error)}`)
  if (names !== undefined) {
    const told = error.message.includes(names) || error.message.includes(JSON.stringify(names).slice(1, -1))
    assert.ok(told, `The message does not name ${JSON.stringify(names)}: ${error.message}`)
  }
  return error
}

/** What a call throws or rejects with; undefined where it succeeds. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error ?? new Error(`${error} was thrown`)
  }
}

export function expectBytes(actual: Uint8Array, expected: Uint8Array, what: string = "content"): void {
  assert.equal(actual.byteLength, expected.byteLength, `the ${what} has the wrong number of bytes`)
  if (Buffer.compare(actual, expected) === 0) return
  const at = expected.findIndex((byte, index) => actual[index] !== byte)
  assert.fail(`the ${what} differs from byte ${at} on: ${actual[at]} instead of ${expected[at]}`)
}

/** Holds that a file has exactly this content, by its bytes and by its stated size. */
export async function expectContent(storage: Storage, name: string, expected: Uint8Array | string): Promise<void> {
  const bytes = typeof expected === "string" ? new TextEncoder().encode(expected) : expected
  expectBytes(await storage.open(name).bytes(), bytes, `content of ${JSON.stringify(name)}`)
  assert.equal((await storage.stat(name)).size, bytes.byteLength, "stat() tells another size than the content has")
}

/** Holds that there is no such file: not by name, not in a listing. */
export async function expectAbsent(storage: Storage, name: string): Promise<void> {
  assert.equal(await storage.exists(name), false, `${JSON.stringify(name)} exists`)
  assert.ok(!(await namesIn(storage)).includes(name), `${JSON.stringify(name)} is listed`)
}

/** Holds that the storage has exactly these files: nothing is left over under another name. */
export async function expectOnly(storage: Storage, names: readonly string[]): Promise<void> {
  assert.deepEqual((await namesIn(storage)).toSorted(), names.toSorted())
}

export async function namesIn(storage: Storage, directory: string = ""): Promise<string[]> {
  return (await infosIn(storage, directory)).map(({ name }) => name)
}

export async function infosIn(storage: Storage, directory: string = ""): Promise<FileInfo[]> {
  const infos: FileInfo[] = []
  for await (const info of storage.list(directory)) infos.push(info)
  return infos
}

/** The result, or an error where it takes longer. */
export async function within<Result>(milliseconds: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${what} took longer than ${milliseconds} ms` })),
      milliseconds,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What a runtime does to let go of a stream takes a few turns. */
export async function expectReleased(source: { released(): boolean }): Promise<void> {
  for (let turn = 0; turn < 20 && !source.released(); turn++) await sleep(10)
  assert.ok(source.released(), "the source was left open")
}

/** Waits until the clock shows another second: what is told in seconds would differ from here on. */
export async function nextSecond(): Promise<void> {
  const second = () => Math.floor(Date.now() / 1000)
  for (const now = second(); second() === now;) await sleep(1000 - (Date.now() % 1000))
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Does the work for each item, a few at a time. */
export async function forEach<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<unknown>,
  concurrency: number = 32,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      await work(items[index]!, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
}
