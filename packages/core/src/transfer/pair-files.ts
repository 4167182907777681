import { StorageError } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { compareKeys } from "../names.ts"

/** A file of the source, and the file of the same name at the target. */
export interface FilePair {
  readonly source: FileInfo
  readonly target: FileInfo | undefined
}

/**
 * Each file of the source with its counterpart, by walking through both listings side by side: they are in the same
 * order, so that one file of each is held, whatever their number.
 * @param onExtraneous is told each file of the target that the source does not have; without it the target's listing is
 * read no further than it has to be
 */
export async function* pairFiles(
  sources: AsyncIterable<FileInfo>,
  targets: AsyncIterable<FileInfo>,
  onExtraneous?: (target: FileInfo) => void,
): AsyncGenerator<FilePair> {
  const iterator = targets[Symbol.asyncIterator]()
  try {
    let target = await iterator.next()
    for await (const source of sources) {
      while (!target.done && compareKeys(target.value.name, source.name) < 0) {
        onExtraneous?.(target.value)
        target = await iterator.next()
      }
      const isThere = !target.done && target.value.name === source.name
      yield { source, target: isThere ? (target.value as FileInfo) : undefined }
      if (isThere && onExtraneous) target = await iterator.next()
    }
    for (; onExtraneous && !target.done; target = await iterator.next()) onExtraneous(target.value)
  } finally {
    await iterator.return?.()
  }
}

/**
 * The files as they come. An adapter that lists in another order would let files be taken for missing, or for
 * finished, in silence.
 * @param storage whose listing it is, for the message
 * @throws StorageError `unsupported` at the first file that is not behind the one before
 */
export async function* inOrder(files: AsyncIterable<FileInfo>, storage: string): AsyncGenerator<FileInfo> {
  let last: string | undefined
  for await (const file of files) {
    if (last !== undefined && compareKeys(last, file.name) >= 0) {
      throw new StorageError(
        "unsupported",
        `${storage} lists ${JSON.stringify(file.name)} after ${JSON.stringify(last)}. transfer() compares two listings by their order, ` +
          "which must be that of the names' bytes in UTF-8. The adapter has to be mended; compare: false needs no order.",
        { operation: "list", storage, key: file.name },
      )
    }
    last = file.name
    yield file
  }
}
