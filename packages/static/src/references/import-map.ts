import type { Node } from "jsonc-parser"
import { jsonTreeOf, propertiesOf, propertyOf, referenceOf, stringOf, valuesOf } from "./json.ts"
import type { Reference } from "./reference.ts"

/** Addresses of an import map begin like this; others are invalid. https://html.spec.whatwg.org/#import-maps */
const RELATIVE = /^(?:\.{1,2})?\//

/** A URL that ends in a slash maps a whole folder, or is a scope, and is left alone. */
const fileIn = (node: Node | undefined): readonly Reference[] =>
  referenceOf(node, "html").filter(({ url }) => RELATIVE.test(url) && !url.endsWith("/"))

/**
 * What modules ask for: names, or URLs of files. Where modules are given the new URL of such a file, the map has to have
 * it too. One that no file has is there to be mapped to another.
 */
const keyIn = (property: Node): readonly Reference[] =>
  fileIn(property.children?.[0]).map((reference) => ({ ...reference, unresolved: "ignored" }))

/** The files that an import map leads to, of `imports` and of each of `scopes`, and those that it has digests of. */
export const readImportMap = (text: string): readonly Reference[] => {
  const root = jsonTreeOf(text)
  const maps = [propertyOf(root, "imports"), ...valuesOf(propertyOf(root, "scopes"))]
  const imports = maps
    .flatMap((map) => propertiesOf(map))
    .flatMap((property) => [...keyIn(property), ...fileIn(property.children?.[1])])
  const digests = propertiesOf(propertyOf(root, "integrity")).flatMap((property) =>
    fileIn(property.children?.[0]).map((file) => ({ ...file, integrity: stringOf(property.children?.[1]) })),
  )
  return [...imports, ...digests].toSorted((one, other) => one.start - other.start)
}
