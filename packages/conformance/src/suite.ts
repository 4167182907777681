import type { Storage, StorageDriver, StorageOptions } from "@node-storages/core"
import type { Need } from "./needs.ts"
import type { ConformanceOptions, Scale } from "./options.ts"

/** What a test works with. */
export interface TestContext {
  /** Empty, and nobody else's. */
  readonly storage: Storage
  /** Its composed driver, for what it declares. */
  readonly driver: StorageDriver
  /** The composed driver of another storage. */
  readonly driverOf: (storage: Storage) => StorageDriver
  readonly options: ConformanceOptions
  readonly scale: Readonly<Record<keyof Scale, number>>
  readonly largeBytes: number
  readonly fetch: typeof fetch
  /** Another empty storage of the same kind. */
  readonly another: () => Promise<Storage>
  /** Another one with options; only in tests that need `createWith`. */
  readonly anotherWith: (options: Omit<StorageOptions, "location">) => Promise<Storage>
}

type TestBody = (context: TestContext) => Promise<void>

export interface TestCase {
  readonly title: string
  /** What must be there for the test to make sense; else it is listed as not run. */
  readonly needs: readonly Need[]
  readonly body: TestBody
}

/** The tests of one operation. */
export interface Suite {
  readonly title: string
  readonly tests: readonly TestCase[]
}

export type AddTest = (title: string, ...rest: [TestBody] | [needs: readonly Need[], TestBody]) => void

export function suite(title: string, define: (test: AddTest) => void): Suite {
  const tests: TestCase[] = []
  define((testTitle, ...rest) => {
    const [needs, body] = rest.length === 2 ? rest : [[], rest[0]]
    tests.push({ title: testTitle, needs, body })
  })
  return { title, tests }
}
