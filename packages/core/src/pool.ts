/**
 * Does the work for each item, `limit` at once, in order of their arrival. The first failure ends it: no further item
 * is taken, what is under way is waited for, and the failure is thrown.
 */
export async function pool<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const active = new Set<Promise<void>>()
  const failures: unknown[] = []
  // Not a race of those under way: each race would leave something at a task that takes long.
  let onEnd: (() => void) | undefined
  try {
    for await (const item of items) {
      // Something may have failed while this item was waited for.
      if (failures.length > 0) break
      const task: Promise<void> = work(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          active.delete(task)
          onEnd?.()
        })
      active.add(task)
      if (active.size >= limit) await new Promise<void>((resolve) => (onEnd = resolve))
      if (failures.length > 0) break
    }
  } finally {
    await Promise.all(active)
  }
  if (failures.length > 0) throw failures[0]
}
