import type { OptionNames, Storage, StorageDriver, StorageOptions } from "@node-storages/core"

/** What the suite needs of a test runner: vitest, node:test, Jest and Bun have it, also as a whole module. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown
  it: TestFunction
}

/** A runner's `it`, as Vitest, Jest and `node:test` have it. */
export interface TestFunction {
  /** @param timeout in milliseconds, for runners that take it as third argument */
  (title: string, body: (...contexts: readonly unknown[]) => Promise<void>, timeout?: number): unknown
  skip?(title: string, body: () => Promise<void>): unknown
}

/** A test that a server is known to fail, and why. Never a way to weaken a test: it fails when the gap is closed. */
export interface Gap {
  /** The test's title, or its path `"save > keeps the bytes"`; or a pattern that the path matches. */
  readonly test: string | RegExp
  readonly reason: string
  /** Do not run it at all: it hangs, takes the server down, or fails only sometimes. Default: run, expect it to fail. */
  readonly skip?: boolean | undefined
}

/** How much the tests of numbers do. Lower it for a slow backend, raise it where it is proven at scale. */
export interface Scale {
  /** Files that a listing must give. Default: 1,100, which is more than a page of most services. */
  readonly list?: number | undefined
  /** Names given to one `deleteMany`. Default: 1,050. */
  readonly deleteMany?: number | undefined
  /** Callers that race for one name. Default: 64. */
  readonly race?: number | undefined
}

/** How the tests that fetch URLs reach them. */
export interface UrlAccess {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Why nothing answers at the URLs here: the tests that fetch are then listed as not run. */
  readonly notServed?: string | undefined
}

/** Writes keys as another tool would, with the service's own client. */
export interface ForeignWriter {
  /** Stores a key below the storage's location, unchecked. Rejects where the service itself refuses the key. */
  put(key: string, bytes: Uint8Array): Promise<void>
}

type Made = Storage | Promise<Storage>

/** How the suite gets storages to test, and what is known of the server behind them. */
export interface ConformanceOptions {
  /** A storage on an empty place that nobody else uses. Called for each test: a new folder, or a fresh `location`. */
  readonly create: () => Made
  /** The same with these options of every storage added to its own (`location` is never among them). */
  readonly createWith?: ((options: Omit<StorageOptions, "location">) => Made) | undefined
  /** Removes what a test has left, and closes the storage. Default: `storage.close()`. */
  readonly destroy?: ((storage: Storage) => void | Promise<void>) | undefined
  /** Default: the globals `describe` and `it`. */
  readonly runner?: TestRunner | undefined
  /** The driver whose declarations are held to. Default: the storage's `driver` (every DriverStorage has it). */
  readonly driver?: ((storage: Storage) => StorageDriver) | undefined
  /** Tests that this backend is known to fail. */
  readonly gaps?: readonly Gap[] | undefined
  /**
   * Titles of the suites to run: for a variant of a storage that passes all of them elsewhere, those that its difference
   * can break. Gaps may name tests of the others. Default: all.
   * @throws StorageError `invalid-option` for a title that there is not, and for an empty list
   */
  readonly suites?: readonly string[] | undefined
  readonly urls?: UrlAccess | undefined
  /** A storage that the service refuses: wrong credentials, or a process user without rights. */
  readonly createWithoutAccess?: (() => Made) | undefined
  /** A storage whose service does not answer: a closed port. */
  readonly createUnreachable?: (() => Made) | undefined
  /** A storage on a bucket that does not exist. */
  readonly createOnMissingBucket?: (() => Made) | undefined
  readonly foreignKeys?: ((storage: Storage) => Promise<ForeignWriter>) | undefined
  /** The secrets that the storages here were given: they must not show up in errors or prints. */
  readonly secrets?: readonly string[] | undefined
  readonly scale?: Scale | undefined
  /** In bytes, the size of bodies that shall cross the limit from which a service takes parts. Default: 12 MiB. */
  readonly largeBytes?: number | undefined
  /** In milliseconds, for each test. Default: 60,000. */
  readonly timeout?: number | undefined
}

export const CONFORMANCE_OPTIONS: OptionNames<ConformanceOptions> = {
  create: true,
  createWith: true,
  destroy: true,
  runner: true,
  driver: true,
  gaps: true,
  suites: true,
  urls: true,
  createWithoutAccess: true,
  createUnreachable: true,
  createOnMissingBucket: true,
  foreignKeys: true,
  secrets: true,
  scale: true,
  largeBytes: true,
  timeout: true,
}

export const DEFAULT_SCALE: Readonly<Record<keyof Scale, number>> = { list: 1100, deleteMany: 1050, race: 64 }
export const DEFAULT_LARGE_BYTES: number = 12 * 1024 * 1024
export const DEFAULT_TIMEOUT = 60_000
