/** What a subject's process tells the one that measures. */
export type Told =
  | { readonly ready: true }
  | { readonly notHere: string }
  | { readonly failed: string }
  | { readonly round: Round }

/** One round of one subject. */
export interface Round {
  /** Milliseconds for one unit. */
  readonly wall: number
  readonly cpu: number
  /** Bytes by which the process was larger than before the round, at the most. */
  readonly growth: number
}

/** What it is asked: a round of so many units, or to end. */
export type Asked = { readonly round: number } | { readonly close: true }
