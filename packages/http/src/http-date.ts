const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const MONTH = `(?<month>${MONTHS.join("|")})`
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and the two forms that are obsolete and must be read. RFC 9110, 5.6.7 */
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`),
  new RegExp(
    String.raw`^(?:Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday), (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`,
  ),
  new RegExp(String.raw`^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`),
]

/**
 * The time of an HTTP-date in milliseconds, or undefined for what is none. The day of the week is not compared.
 * @param now decides on the century of years with two digits: none is more than 50 years ahead. Default: the present
 */
export function parseHttpDate(text: string, now: Date = new Date()): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups
    if (parts === undefined) continue
    const { day, month, year, hour, minute, second } = parts as Record<string, string>
    const [days, hours, minutes, seconds] = [day, hour, minute, second].map(Number) as [number, number, number, number]
    const fullYear = year!.length === 4 ? Number(year) : fullYearOf(Number(year), now.getUTCFullYear())
    // A leap second is the second before: no clock here has it.
    const date = new Date(0)
    date.setUTCFullYear(fullYear, MONTHS.indexOf(month!), days)
    date.setUTCHours(hours, minutes, Math.min(seconds, 59))
    const isRight = date.getUTCDate() === days && hours < 24 && minutes < 60 && seconds <= 60
    return isRight ? date.getTime() : undefined
  }
  return undefined
}

function fullYearOf(twoDigits: number, thisYear: number): number {
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}

/** As `Last-Modified` and `Date` are written: whole seconds, in GMT. */
export function formatHttpDate(date: Date): string {
  return date.toUTCString()
}
