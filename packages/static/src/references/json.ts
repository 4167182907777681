import { type Node, parseTree } from "jsonc-parser"
import { isLocal } from "./local-url.ts"
import type { IntegrityPlace, Reference } from "./reference.ts"

/** The tree of a JSON text. Broken text gives what can be told. */
export const jsonTreeOf = (text: string): Node | undefined => {
  try {
    return parseTree(text)
  } catch {
    // Nested deeper than the stack: no manifest and no import map.
    return undefined
  }
}

/** The value of a property, when the node is an object that has it. */
export const propertyOf = (node: Node | undefined, name: string): Node | undefined =>
  // As in JSON.parse, the last of the same name counts.
  node?.children?.findLast((property) => property.type === "property" && property.children?.[0]?.value === name)
    ?.children?.[1]

/** The properties of an object, each of which has its key and its value for children. */
export const propertiesOf = (node: Node | undefined): readonly Node[] =>
  node?.type === "object" ? (node.children ?? []) : []

/** The elements of an array, or the values of an object. */
export const valuesOf = (node: Node | undefined): readonly Node[] =>
  node?.type === "array"
    ? (node.children ?? [])
    : propertiesOf(node).flatMap((property) => property.children?.[1] ?? [])

/** `<` would let `</script` end an inline import map. */
const writeString = (url: string) => JSON.stringify(url).replaceAll("<", "\\u003c")

/** A string with its place, quotes and all, and how another one is written there. */
export const stringOf = (node: Node | undefined): IntegrityPlace | undefined => {
  const value: unknown = node?.value
  if (node?.type !== "string" || typeof value !== "string") return undefined
  return { start: node.offset, end: node.offset + node.length, value, write: writeString }
}

/** The reference that a string is, if it is local. */
export const referenceOf = (node: Node | undefined, kind: string): readonly Reference[] => {
  const string = stringOf(node)
  if (string === undefined || !isLocal(string.value)) return []
  const { value: url, ...place } = string
  return [{ ...place, url, kind, unresolved: "error" }]
}
