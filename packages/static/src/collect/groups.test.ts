import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { groupsInOrder, levelsOf } from "./groups.ts"

type Graph = Readonly<Record<string, readonly string[]>>

const order = (graph: Graph) => groupsInOrder(Object.keys(graph), (name) => graph[name]!)

describe("files in order", () => {
  it("come after what they refer to", () => {
    expect(order({ "a.css": ["b.css", "x.png"], "b.css": ["x.png"], "x.png": [] })).toEqual([
      ["x.png"],
      ["b.css"],
      ["a.css"],
    ])
  })

  it("that refer to each other in a circle are one group, in the order of their names", () => {
    expect(order({ c: ["b"], b: ["a"], a: ["c", "d"], d: [] })).toEqual([["d"], ["a", "b", "c"]])
  })

  it("that refer to themselves are a group of one", () => {
    expect(order({ a: ["a"] })).toEqual([["a"]])
  })

  it("may be a long chain", () => {
    const graph = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, index) => [`${index}`, index === 0 ? [] : [`${index - 1}`]]),
    )
    const names = Object.keys(graph).toReversed()
    expect(groupsInOrder(names, (name) => graph[name]!).map(([name]) => name)).toEqual(names.toReversed())
  })

  const graphs = fc
    .array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 })
    .map((edges) =>
      Object.fromEntries(edges.map((to, from) => [`${from}`, to.map((each) => `${each % edges.length}`)])),
    )

  it("are each in one group, behind those that they refer to, whatever the order in which they are found", () => {
    fc.assert(
      fc.property(graphs, fc.func(fc.integer()), (graph, shuffle) => {
        const groups = order(graph)
        const place = new Map(groups.flatMap((group, index) => group.map((name) => [name, index])))
        expect(groups.flat().toSorted()).toEqual(Object.keys(graph).toSorted())
        for (const [from, to] of Object.entries(graph)) {
          for (const name of to) expect(place.get(name)!).toBeLessThanOrEqual(place.get(from)!)
        }
        const shuffled = Object.keys(graph).toSorted((a, b) => shuffle(a) - shuffle(b) || (a < b ? -1 : 1))
        const sorted = (all: readonly (readonly string[])[]) => all.map((group) => group.join()).toSorted()
        expect(sorted(groupsInOrder(shuffled, (name) => graph[name]!))).toEqual(sorted(groups))
      }),
    )
  })

  it("are in levels, of which none refers to itself or to a later one", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const groups = order(graph)
        const levels = levelsOf(groups, (name) => graph[name]!)
        expect(levels.flat().length).toBe(groups.length)
        const place = new Map(
          levels.flatMap((level, index) => level.flatMap((group) => group.map((name) => [name, index]))),
        )
        for (const group of groups) {
          for (const name of group) {
            for (const target of graph[name]!) {
              if (!group.includes(target)) expect(place.get(target)!).toBeLessThan(place.get(name)!)
            }
          }
        }
      }),
    )
  })
})
