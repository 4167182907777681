import { type Node, parseTree } from "jsonc-parser"
import { isLocal } from "./local-url.ts"
import type { Reference } from "./reference.ts"

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

/** The elements of an array, or the values of an object. */
export const valuesOf = (node: Node | undefined): readonly Node[] => {
  if (node?.type === "array") return node.children ?? []
  if (node?.type !== "object") return []
  return (node.children ?? []).flatMap((property) => property.children?.[1] ?? [])
}

/** `<` would let `</script` end an inline import map. */
const writeString = (url: string) => JSON.stringify(url).replaceAll("<", "\\u003c")

/** The reference that a string is, if it is local. The quotes are part of the place. */
export const referenceOf = (node: Node | undefined, kind: string): readonly Reference[] => {
  const url: unknown = node?.value
  if (node?.type !== "string" || typeof url !== "string" || !isLocal(url)) return []
  return [{ start: node.offset, end: node.offset + node.length, url, kind, optional: false, write: writeString }]
}
