/*
 * What adapters for services need beside the contract. For Node, whose modules are loaded when they are needed: the local
 * disk imports this entry for two small functions.
 */
export { allowBlocking, mayBlock, turnOfOthers } from "./blocking.ts"
export { commit } from "./commit.ts"
export { compressedTypes, decodes, serviceOfPlace } from "./compressed-types.ts"
export { defined, headersOf } from "./defined.ts"
export { codeOfStatus, isNetworkError, retryAfterOf } from "./error-codes.ts"
export { ExistingPlace } from "./existing-place.ts"
export { type BoundUpload, firstFreeKey, putUnderFreeKey, takenError } from "./free-key.ts"
export { decodeMetadata, encodeHeaderText, encodeMetadata, looksEncoded } from "./header-text.ts"
export { orAborted } from "../or-aborted.ts"
export { pool } from "../pool.ts"
export { type Part, PartBuffers } from "./parts.ts"
export { type LongBody, type PutBySize, putBySize } from "./put-by-size.ts"
export { emptyRange, readStored, storedRange } from "./stored-object.ts"
export { TemporaryFile } from "./temporary-file.ts"
export { untilStopped } from "./until-stopped.ts"
export { wholeNumber } from "../whole-number.ts"
export { WorkLimit } from "../work-limit.ts"
