import { setImmediate } from "node:timers/promises"
import type { Storage, StorageDriver } from "@node-storages/core"
import { DEFAULT_LARGE_BYTES, DEFAULT_SCALE, DEFAULT_TIMEOUT, type ConformanceOptions } from "./options.ts"
import type { TestCase, TestContext } from "./suite.ts"

/**
 * Runs one test on storages of its own.
 * @returns why it was not run, where the storage does not declare what it needs
 */
export async function runTest(test: TestCase, options: ConformanceOptions): Promise<string | undefined> {
  const made: Storage[] = []
  const keep = async (storage: Storage | Promise<Storage>) => {
    made.push(await storage)
    return made.at(-1)!
  }
  const unhandled = watchRejections()
  try {
    const storage = await keep(options.create())
    const driver = driverOf(storage, options)
    for (const need of test.needs) {
      const reason = need.fromStorage?.(storage, driver, options)
      if (reason !== undefined) return reason
    }
    const context: TestContext = {
      storage,
      driver,
      driverOf: (other) => driverOf(other, options),
      options,
      scale: {
        list: options.scale?.list ?? DEFAULT_SCALE.list,
        deleteMany: options.scale?.deleteMany ?? DEFAULT_SCALE.deleteMany,
        race: options.scale?.race ?? DEFAULT_SCALE.race,
      },
      largeBytes: options.largeBytes ?? DEFAULT_LARGE_BYTES,
      fetch: options.urls?.fetch ?? fetch,
      another: () => keep(options.create()),
      anotherWith: (added) => keep(options.createWith!(added)),
    }
    try {
      await withinTimeLimit(test.body(context), options.timeout ?? DEFAULT_TIMEOUT)
    } finally {
      // Rejections are reported after the microtasks of the turn that made them: here, not in the next test.
      await setImmediate()
    }
    const { reasons } = unhandled
    if (reasons.length > 0) {
      throw new Error(`${reasons.length} promises were rejected and nobody handled them.`, { cause: reasons[0] })
    }
    return undefined
  } finally {
    unhandled.stop()
    for (const storage of made) await (options.destroy ? options.destroy(storage) : storage.close())
  }
}

const watchers = new Set<unknown[]>()

function onUnhandledRejection(reason: unknown): void {
  for (const reasons of watchers) reasons.push(reason)
}

/** Collects what is rejected without a handler while a test runs: one listener for all, as tests may run at once. */
function watchRejections(): { readonly reasons: readonly unknown[]; stop(): void } {
  const reasons: unknown[] = []
  if (watchers.size === 0) process.on("unhandledRejection", onUnhandledRejection)
  watchers.add(reasons)
  return {
    reasons,
    stop() {
      watchers.delete(reasons)
      if (watchers.size === 0) process.off("unhandledRejection", onUnhandledRejection)
    },
  }
}

function driverOf(storage: Storage, options: ConformanceOptions): StorageDriver {
  const driver = options.driver ? options.driver(storage) : (storage as { driver?: StorageDriver }).driver
  if (driver) return driver
  throw new Error('The storage has no "driver" to read its features from: give describeStorage() the option "driver".')
}

function withinTimeLimit(work: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The test did not end within ${milliseconds} ms.`)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
