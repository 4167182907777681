export { formatHttpDate, parseHttpDate } from "./http-date.ts"
export { negotiateEncoding } from "./negotiate-encoding.ts"
export {
  evaluatePreconditions,
  matchesIfRange,
  type PreconditionOutcome,
  type RequestHeaders,
  type Validators,
} from "./preconditions.ts"
export { type ByteRange, parseRange, type RangeOutcome } from "./range.ts"
