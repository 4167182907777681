/** After so many milliseconds of calls that block, everything else has its turn: signals, timers, answers of a bucket. */
const LONGEST_TURN = 5

/** Of the whole process, in which more than one copy of this package may be. */
const ALLOWED = Symbol.for("node-storages.blocking")
const shared = globalThis as { [ALLOWED]?: boolean }

/** When what blocks has last given way. */
let turnBegan = 0

/**
 * Says that nobody but one command is waiting for this process, as the `storages` command line does: storages that are
 * made after it may hold up the event loop, for about 5 ms in a row, where that is faster. A LocalStorage then takes
 * half the processor time for a small file. Nothing for a server.
 */
export function allowBlocking(): void {
  shared[ALLOWED] = true
}

/** Whether calls that block are allowed in this process. Default: they are not. */
export function mayBlock(): boolean {
  return shared[ALLOWED] === true
}

/** To be waited for before a call that blocks. Undefined as long as others need no turn. */
export function turnOfOthers(): Promise<void> | undefined {
  if (performance.now() - turnBegan < LONGEST_TURN) return undefined
  return new Promise((resolve) => {
    setImmediate(() => {
      turnBegan = performance.now()
      resolve()
    })
  })
}
