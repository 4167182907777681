import { setImmediate as nextTurn } from "node:timers/promises"

/**
 * Waits until a condition holds; the test's own time limit ends a wait that is in vain. It looks again at every turn
 * of the event loop rather than after a time, so it also works while a test has replaced the timers.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nextTurn()
}

/** Lets the event loop turn often enough that what is going to happen at once has happened. */
export async function someTurns(): Promise<void> {
  for (let turns = 0; turns < 500; turns++) await nextTurn()
}
