/** A place in a text as editors count. */
export interface Position {
  /** From 1. A line ends with CR LF, LF or CR. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

const startsOf = (text: string) => {
  const starts = [0]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === LINE_FEED) starts.push(index + 1)
    else if (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) !== LINE_FEED) starts.push(index + 1)
  }
  return starts
}

/** Positions are asked for one file after the other, many of each: the lines of the last one are enough. */
let known: { readonly text: string; readonly starts: readonly number[] } = { text: "", starts: [0] }

/** Where an offset is, in UTF-16 code units from 0. The first question about a text reads it once, more are cheap. */
export const positionOf = (text: string, offset: number): Position => {
  if (known.text !== text) known = { text, starts: startsOf(text) }
  const { starts } = known
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}
