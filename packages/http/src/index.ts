export { formatHttpDate, parseHttpDate } from "./http-date.ts"
export { negotiateEncoding } from "./negotiate-encoding.ts"
export { nodeHandler, type NodeHandler } from "./node.ts"
export {
  evaluatePreconditions,
  matchesIfRange,
  type PreconditionOutcome,
  type RequestHeaders,
  type Validators,
} from "./preconditions.ts"
export { type ByteRange, parseRange, type RangeOutcome } from "./range.ts"
export {
  type CacheControlPatterns,
  type Delivery,
  type Encoding,
  type MemoryCacheOptions,
  type ServeOptions,
  STATIC_FILES,
  type Verdict,
} from "./serve-options.ts"
export { serveStorage } from "./web.ts"
