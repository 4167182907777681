import { jsonTreeOf, propertyOf, referenceOf, valuesOf } from "./json.ts"
import type { Reference } from "./reference.ts"

/** Addresses of an import map begin like this; others are invalid. https://html.spec.whatwg.org/#import-maps */
const RELATIVE = /^(?:\.{1,2})?\//

/**
 * The files that an import map leads to, of `imports` and of each of `scopes`. One that ends in a slash maps a whole
 * folder and is left alone, as are the keys, which are what modules ask for.
 */
export const readImportMap = (text: string): readonly Reference[] => {
  const root = jsonTreeOf(text)
  const maps = [propertyOf(root, "imports"), ...valuesOf(propertyOf(root, "scopes"))]
  return maps
    .flatMap((map) => valuesOf(map))
    .flatMap((node) => referenceOf(node, "html"))
    .filter(({ url }) => RELATIVE.test(url) && !url.endsWith("/"))
}
