import type { Context, Cost, Subject } from "../harness/row.ts"

/** One way to collect a tree of static files. */
export interface Collecting {
  /** Collects, into whatever is there. */
  readonly collect: () => Promise<Partial<Cost> | void>
  /** Gives it an empty target. */
  readonly empty: () => Promise<void>
  /** Throws where what was collected is not what it should be. */
  readonly check: () => Promise<void>
  readonly close?: () => Promise<void>
}

export type Collector = (context: Context) => Promise<Collecting>

/** Measures the first collect, into an empty target. */
export function firstTime(collector: Collector): Subject {
  return async (context) => {
    const collecting = await collector(context)
    let collected = false
    return {
      async prepare() {
        if (collected) await collecting.check()
        await collecting.empty()
      },
      async run() {
        collected = true
        return collecting.collect()
      },
      async close() {
        await collecting.check()
        await collecting.close?.()
      },
    }
  }
}

/** Measures a collect in which nothing has changed since the one before. */
export function again(collector: Collector): Subject {
  return async (context) => {
    const collecting = await collector(context)
    await collecting.empty()
    await collecting.collect()
    await collecting.check()
    return {
      run: () => collecting.collect(),
      async close() {
        await collecting.check()
        await collecting.close?.()
      },
    }
  }
}
