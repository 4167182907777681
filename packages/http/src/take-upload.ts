import { type SignedTerms, type Storage, StorageError } from "@node-storages/core"
import { type Answer, emptyAnswer, type Incoming, plainAnswer } from "./answer.ts"

/** A body that is not what the signature allows. */
class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super("the upload was refused")
    this.answer = answer
  }
}

/** Stores the body of a PUT to a signed URL: a whole file, or a part of one. All or nothing. */
export async function takeUpload(
  request: Incoming<unknown>,
  storage: Storage,
  name: string,
  terms: SignedTerms,
): Promise<Answer> {
  const { headers, signal } = request
  const type = headers["content-type"]
  if (terms.contentType !== undefined && type?.trim().toLowerCase() !== terms.contentType.toLowerCase()) {
    const given = type === undefined ? "none" : JSON.stringify(type)
    return plainAnswer(
      403,
      {},
      `Forbidden: this URL is signed for the content type ${terms.contentType}, not ${given}.`,
    )
  }
  if (headers["content-encoding"] !== undefined) return plainAnswer(415)
  const announced = headers["content-length"]
  const problem = announced === undefined ? undefined : sizeProblem(Number(announced), terms)
  if (problem) return problem
  const body = counted(request.body(), terms, announced === undefined ? undefined : Number(announced))
  try {
    if (terms.part) {
      const part = await storage.multipart(name, terms.part.uploadId).storePart(terms.part.number, body, { signal })
      return emptyAnswer(200, part.etag === undefined ? {} : { etag: part.etag })
    }
    const { contentType, cacheControl, contentDisposition, metadata } = terms
    const info = await storage.write(name, body, { contentType, cacheControl, contentDisposition, metadata, signal })
    return emptyAnswer(200, info.etag === undefined ? {} : { etag: info.etag })
  } catch (error) {
    const cause = StorageError.is(error) ? error.cause : error
    if (cause instanceof Refusal) return cause.answer
    throw error
  }
}

function sizeProblem(size: number, { size: exact, maxSize }: SignedTerms): Answer | undefined {
  if (maxSize !== undefined && size > maxSize) {
    return plainAnswer(413, {}, `Content Too Large: this URL takes ${maxSize} bytes at the most.`)
  }
  if (exact === undefined || size === exact) return undefined
  return plainAnswer(size > exact ? 413 : 400, {}, `This URL takes exactly ${exact} bytes, not ${size}.`)
}

/** The chunks, as long as they are what was signed and announced: a body that was cut short is an error. */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  terms: SignedTerms,
  announced: number | undefined,
): AsyncGenerator<Uint8Array> {
  const most = terms.size ?? terms.maxSize ?? Infinity
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.byteLength
    if (size > most) throw new Refusal(sizeProblem(size, terms)!)
    yield chunk
  }
  const problem = sizeProblem(size, terms)
  if (problem) throw new Refusal(problem)
  if (announced !== undefined && size !== announced) {
    throw new Refusal(plainAnswer(400, {}, `The body was cut short at ${size} of ${announced} bytes.`))
  }
}
