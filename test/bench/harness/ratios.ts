import type { RowResult } from "./measure.ts"

/** The sizes that a row was measured at. */
export function sizesOf({ measured }: RowResult): number[] {
  return [...new Set(measured.map(({ size }) => size))]
}

/** The cost of a subject as a share of the base's. */
export function ratioIn({ measured, base, ratioOf }: RowResult, subject: string, size?: number): number | undefined {
  const [own, other] = [subject, base].map((name) =>
    measured.find((each) => each.subject === name && (size === undefined || each.size === size)),
  )
  return own && other && own[ratioOf] / other[ratioOf]
}

/** Two digits that count. */
export function shown(ratio: number): string {
  return ratio >= 10 ? String(Math.round(ratio)) : ratio >= 0.995 ? ratio.toFixed(2) : ratio.toPrecision(2)
}
