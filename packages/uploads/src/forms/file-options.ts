import { type Checksums, nearest, type OptionNames, type Storage, StorageError } from "@node-storages/core"
import { checkNameStrategy, type NamedFile, type NameStrategy } from "../names.ts"
import { checkTypes } from "../types/allowed-types.ts"

/** What decides about one file: for forms, and for multer. */
export interface FileOptions {
  /**
   * Where the files go, or a function that gives the storage for a file. A file for which it gives none is refused with
   * `unexpected-file`.
   */
  readonly storage: Storage | ((file: NamedFile) => Storage | undefined | Promise<Storage | undefined>)
  /**
   * The media types that are let in, decided by the files' bytes: `["image/*", "application/pdf"]`, or a function that
   * gives them by the field's name. A pattern never lets in what browsers run (HTML, SVG, XML): those have to be named.
   * Default: all.
   */
  readonly types?: readonly string[] | ((field: string) => readonly string[] | undefined) | undefined
  /**
   * The names of the files: a pattern of `{name}` (the client's, cleaned), `{stem}`, `{ext}` (with its dot), `{field}`,
   * `{random}` (24 letters and digits), `{hash}` (SHA-256 of the content), `{yyyy}`, `{mm}`, `{dd}`, `{hh}` (UTC); or a
   * function. A name that is taken gets a suffix; one with `{hash}` that is taken is the same content, and is left as it
   * is. Default: `"{name}"`.
   */
  readonly name?: NameStrategy | undefined
  /**
   * What happens to a file whose extension tells another type than its bytes: it gets the extension that goes with them,
   * or is refused with `type-not-allowed`. Default: `"rename"`.
   */
  readonly wrongExtension?: "rename" | "refuse" | undefined
  /** Metadata that the files are stored with, or a function that gives it. */
  readonly metadata?:
    | Readonly<Record<string, string>>
    | ((file: NamedFile) => Readonly<Record<string, string>> | undefined)
    | undefined
  /** Digests to compute on the way: they are in `checksum` of each file. Default: none. */
  readonly checksums?: readonly (keyof Checksums)[] | undefined
}

export const FILE_OPTIONS: OptionNames<FileOptions> = {
  storage: true,
  types: true,
  name: true,
  wrongExtension: true,
  metadata: true,
  checksums: true,
}

/** The options, checked and with their defaults. */
export interface FileSettings {
  readonly storageFor: (file: NamedFile) => Storage | undefined | Promise<Storage | undefined>
  readonly typesFor: (field: string) => readonly string[] | undefined
  readonly name: NameStrategy
  readonly refuseWrongExtension: boolean
  readonly metadataFor: (file: NamedFile) => Readonly<Record<string, string>> | undefined
  readonly checksums: readonly (keyof Checksums)[]
}

const ALGORITHMS: OptionNames<Checksums> = { md5: true, sha1: true, sha256: true, sha512: true }

/** @throws StorageError `invalid-option` */
export function checkFileOptions(subject: string, options: FileOptions): FileSettings {
  const { storage, types, name = "{name}", wrongExtension = "rename", metadata, checksums = [] } = options
  if (typeof storage !== "function" && typeof (storage as Partial<Storage> | undefined)?.save !== "function") {
    throw new StorageError(
      "invalid-option",
      `${subject}: storage must be a Storage or a function that gives one, not ${typeof storage}.`,
    )
  }
  if (wrongExtension !== "rename" && wrongExtension !== "refuse") {
    throw new StorageError(
      "invalid-option",
      `${subject}: wrongExtension must be "rename" or "refuse", not ${JSON.stringify(wrongExtension)}.`,
    )
  }
  const fixed = typeof types === "function" ? undefined : types && checkTypes(`${subject}: types`, types)
  return {
    storageFor: typeof storage === "function" ? storage : () => storage,
    typesFor: typeof types === "function" ? (field) => byField(subject, types(field)) : () => fixed,
    name: checkNameStrategy(`${subject}: name`, name),
    refuseWrongExtension: wrongExtension === "refuse",
    metadataFor: typeof metadata === "function" ? metadata : () => metadata,
    checksums: checksums.map((algorithm) => checkAlgorithm(subject, algorithm)),
  }
}

function byField(subject: string, types: readonly string[] | undefined): readonly string[] | undefined {
  return types && checkTypes(`${subject}: types`, types)
}

function checkAlgorithm(subject: string, algorithm: string): keyof Checksums {
  if (Object.hasOwn(ALGORITHMS, algorithm)) return algorithm as keyof Checksums
  const near = nearest(algorithm, Object.keys(ALGORITHMS)) ?? "sha256"
  throw new StorageError(
    "invalid-option",
    `${subject}: checksums has ${JSON.stringify(algorithm)}. Did you mean "${near}"? Known: ${Object.keys(ALGORITHMS).join(", ")}.`,
  )
}
