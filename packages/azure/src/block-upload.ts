import { createHash, randomUUID } from "node:crypto"
import { type FileInfo, type PutOptions, StorageError, throwIfAborted } from "@node-storages/core"
import { commit, type Part, PartBuffers, pool, untilStopped } from "@node-storages/core/adapter"
import { azureErrorCode, serviceCodeOf, statusOf } from "./azure-errors.ts"
import { LARGEST_BLOCK, MOST_BLOCKS } from "./azure-options.ts"
import { cancelledBy, type Connection, OWN_CHECKSUMS } from "./connection.ts"
import { infoAfterPut, putParameters, type StoredAnswer } from "./headers.ts"

/**
 * One upload in blocks, of which nothing is seen before they are committed. Each block is checked by the service with its
 * MD5. However it fails, no request of it is under way any more when it has; blocks that were staged for a new name stay
 * invisible, and the service drops them after a week: there is no request that would.
 */
export class BlockUpload {
  readonly #connection: Connection
  readonly #key: string
  readonly #options: PutOptions
  readonly #blockSize: number
  readonly #buffers: PartBuffers
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  // Two uploads under one name must never name each other's blocks.
  readonly #upload: string = randomUUID()
  readonly #ids: string[] = []
  readonly #md5 = createHash("md5")
  #sent = 0

  constructor(connection: Connection, key: string, size: number | undefined, options: PutOptions) {
    this.#connection = connection
    this.#key = key
    this.#options = options
    const { signal } = options
    this.#signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
    this.#blockSize = Math.max(connection.settings.blockSize, Math.ceil((size ?? 0) / MOST_BLOCKS))
    this.#buffers = new PartBuffers(this.#blockSize)
    if (this.#blockSize <= LARGEST_BLOCK) return
    throw new StorageError(
      "invalid-content",
      `${JSON.stringify(key)}: a blob has at most ${MOST_BLOCKS} blocks of ${LARGEST_BLOCK} bytes, and this content has ${size} bytes.`,
    )
  }

  async send(stream: AsyncIterable<Uint8Array>): Promise<FileInfo> {
    try {
      await pool(
        untilStopped(this.#numbered(stream), this.#signal),
        this.#connection.settings.uploadConcurrency,
        (block) => this.#stage(block),
      )
    } catch (error) {
      throwIfAborted(this.#options.signal, "write")
      throw error
    }
    const md5 = this.#md5.digest()
    return infoAfterPut(this.#connection.settings, this.#key, this.#sent, md5, await this.#commit(md5), this.#options)
  }

  async *#numbered(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
    try {
      for await (const part of this.#buffers.cut(stream)) {
        if (this.#ids.length === MOST_BLOCKS) throw this.#tooMany()
        // As long as those that the SDK makes: all ids of a blob must have one length.
        const name = `${this.#upload}-${String(this.#ids.length).padStart(11, "0")}`
        const id = Buffer.from(name).toString("base64")
        this.#ids.push(id)
        this.#md5.update(part.bytes)
        this.#sent += part.bytes.byteLength
        yield { id, part }
      }
    } catch (error) {
      this.#stop.abort(error)
      throw error
    }
  }

  async #stage({ id, part }: Block): Promise<void> {
    const { encryptionScope } = this.#connection.settings.objectParameters(this.#key)
    const { bytes } = part
    try {
      await this.#blob.stageBlock(id, bytes, bytes.byteLength, {
        ...OWN_CHECKSUMS,
        transactionalContentMD5: createHash("md5").update(bytes).digest(),
        ...(encryptionScope !== undefined && { encryptionScope }),
        abortSignal: this.#signal,
      })
      this.#buffers.giveBack(part)
    } catch (error) {
      this.#stop.abort(error)
      throw error
    }
  }

  async #commit(md5: Uint8Array): Promise<StoredAnswer> {
    const parameters = putParameters(this.#connection.settings, this.#key, this.#options, md5)
    try {
      return await commit(this.#options.signal, (cut) =>
        this.#blob.commitBlockList(this.#ids, { ...parameters, ...cancelledBy(cut) }),
      )
    } catch (error) {
      const code = azureErrorCode(error)
      const dropped = serviceCodeOf(error) === "InvalidBlockList"
      if (!dropped && code !== "already-exists" && code !== "precondition-failed") throw error
      const ours = await this.#committedByLostAttempt()
      if (ours) return ours
      if (!dropped || this.#options.ifAbsent) throw error
      throw new StorageError(
        "conflict",
        `${JSON.stringify(this.#key)} was stored by somebody else while its content was being sent, upon which Azure drops ` +
          "the blocks of all others. Nothing was stored. Write it again if yours shall be the last.",
        { operation: "write", key: this.#key, cause: error },
      )
    }
  }

  /**
   * The answer that was lost, where the commit is refused because it had been carried out: the SDK repeats a request
   * whose answer did not arrive. Told by the blocks, whose ids are nobody else's.
   */
  async #committedByLostAttempt(): Promise<StoredAnswer | undefined> {
    try {
      const stored = await this.#blob.getBlockList("committed")
      return stored.committedBlocks?.[0]?.name === this.#ids[0] ? stored : undefined
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  get #blob() {
    return this.#connection.client.getBlockBlobClient(this.#key)
  }

  #tooMany(): StorageError {
    return new StorageError(
      "invalid-content",
      `${JSON.stringify(this.#key)}: a stream of unknown length may have ${MOST_BLOCKS} blocks of ${this.#blockSize} bytes, and this ` +
        "one has more. Nothing was stored. Raise blockSize, or give content whose size is known.",
    )
  }
}

interface Block {
  readonly id: string
  readonly part: Part
}
