import type { Node } from "jsonc-parser"
import { jsonTreeOf, propertyOf, referenceOf, valuesOf } from "./json.ts"
import { LARGEST_TREE, type Reference, type ReferenceReader } from "./reference.ts"

/** The `src` of every image in a list. */
const imagesOf = (node: Node | undefined, list: string) =>
  valuesOf(propertyOf(node, list)).flatMap((image) => referenceOf(propertyOf(image, "src"), "manifest"))

/**
 * Reads web app manifests: icons and screenshots, also of shortcuts and file handlers. `start_url`, `scope` and `id`
 * are pages and identities, which must not change. https://www.w3.org/TR/appmanifest/
 */
export const webManifestReader: ReferenceReader = {
  extensions: [".webmanifest"],
  mostBytes: LARGEST_TREE,
  read: (text) => {
    const root = jsonTreeOf(text)
    const parts = ["shortcuts", "file_handlers"].flatMap((name) => valuesOf(propertyOf(root, name)))
    const references: Reference[] = [...imagesOf(root, "icons"), ...imagesOf(root, "screenshots")]
    references.push(...parts.flatMap((part) => imagesOf(part, "icons")))
    return references.toSorted((one, other) => one.start - other.start)
  },
}
