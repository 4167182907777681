/**
 * Files in the order in which they can be named: each group after all that it refers to. A group is one file, or files
 * that refer to each other in a circle. Tarjan's algorithm, without recursion: a chain of imports may be long.
 */
export function groupsInOrder(
  names: Iterable<string>,
  referencesOf: (name: string) => Iterable<string>,
): readonly (readonly string[])[] {
  const groups: string[][] = []
  const indexes = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()

  const enter = (name: string) => {
    indexes.set(name, indexes.size)
    lowest.set(name, indexes.size - 1)
    open.push(name)
    isOpen.add(name)
    return { name, rest: referencesOf(name)[Symbol.iterator]() }
  }
  const leave = (name: string) => {
    if (lowest.get(name) !== indexes.get(name)) return
    const group: string[] = []
    let member: string
    do {
      member = open.pop()!
      isOpen.delete(member)
      group.push(member)
    } while (member !== name)
    groups.push(group.toSorted())
  }
  const lower = (name: string, value: number) => lowest.set(name, Math.min(lowest.get(name)!, value))

  for (const start of names) {
    if (indexes.has(start)) continue
    const way = [enter(start)]
    while (way.length > 0) {
      const { name, rest } = way.at(-1)!
      const next = rest.next()
      if (next.done) {
        way.pop()
        const parent = way.at(-1)
        if (parent) lower(parent.name, lowest.get(name)!)
        leave(name)
      } else if (!indexes.has(next.value)) {
        way.push(enter(next.value))
      } else if (isOpen.has(next.value)) {
        lower(name, indexes.get(next.value)!)
      }
    }
  }
  return groups
}

/** The groups in levels: those of one level refer to earlier levels only, and can be finished at once. */
export function levelsOf(
  groups: readonly (readonly string[])[],
  referencesOf: (name: string) => Iterable<string>,
): readonly (readonly (readonly string[])[])[] {
  const levels: (readonly string[])[][] = []
  const levelOf = new Map<string, number>()
  for (const group of groups) {
    let level = 0
    for (const name of group) {
      for (const target of referencesOf(name)) {
        const below = levelOf.get(target)
        if (below !== undefined) level = Math.max(level, below + 1)
      }
    }
    for (const name of group) levelOf.set(name, level)
    const there = levels[level]
    if (there) there.push(group)
    else levels[level] = [group]
  }
  return levels
}
