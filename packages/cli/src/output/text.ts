const COUNT = new Intl.NumberFormat("en-US")
const UNITS = ["KB", "MB", "GB", "TB", "PB"]

/** `1 file`, `1,204 files` */
export function count(amount: number, one: string, many: string = `${one}s`): string {
  return `${figure(amount)} ${amount === 1 ? one : many}`
}

/** `1,204` */
export function figure(amount: number): string {
  return COUNT.format(amount)
}

/** Bytes for people, in powers of 1,000: `999 B`, `1.2 KB`, `310 MB`. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  let value = size
  let unit = -1
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}

/** A moment without fractions of a second, in UTC: `2026-01-31 08:05:09Z`. */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")}Z`
}

/** Columns padded to their widest cell; numbers are told to be aligned to the right. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)))
  return rows.map((row) =>
    row
      .map((cell, index) => (right.includes(index) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join("  ")
      .trimEnd(),
  )
}

/** A control character that a name or a service's text has must not reach the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
  })
}
