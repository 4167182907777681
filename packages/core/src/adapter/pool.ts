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
  try {
    for await (const item of items) {
      const task: Promise<void> = work(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => active.delete(task))
      active.add(task)
      if (active.size >= limit) await Promise.race(active)
      if (failures.length > 0) break
    }
  } finally {
    await Promise.all(active)
  }
  if (failures.length > 0) throw failures[0]
}
