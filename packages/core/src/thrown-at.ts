/**
 * The error with the stack of another one: where that was made stands what a person has written and can mend. Stacks of
 * engines that are written in another way are left as they are.
 */
export function thrownAt<Thrown extends Error>(error: Thrown, place: unknown): Thrown {
  const stack = place instanceof Error ? (place.stack ?? "") : ""
  const frames = stack.indexOf("\n    at ")
  if (frames !== -1) error.stack = `${error.name}: ${error.message}${stack.slice(frames)}`
  return error
}
