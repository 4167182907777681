import type { FileHeaders } from "../file-info.ts"

export type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** The values that are there: an option that is `undefined` means to SDKs what it says, and not "left out". */
export function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<Values>
}

/** The headers among a put's options. */
export function headersOf(options: FileHeaders): Defined<FileHeaders> {
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, metadata } = options
  return defined({ cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, metadata })
}
