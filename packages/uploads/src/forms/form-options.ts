import {
  checkOptions,
  type Duration,
  type OptionNames,
  type Progress,
  seconds,
  StorageError,
} from "@node-storages/core"
import { type ByteSize, bytes } from "../byte-size.ts"
import { checkFileOptions, FILE_OPTIONS, type FileOptions, type FileSettings } from "./file-options.ts"
import type { PartLimits } from "./form-parts.ts"

/** What a form may have at the most. Sizes are numbers of bytes, or `"5 MB"`; `Infinity` is no limit. */
export interface FormLimits {
  /** One file. Default: `"50 MiB"`. */
  readonly fileSize?: ByteSize | undefined
  /** The whole body, files, fields and all between them. Default: `"200 MiB"`. */
  readonly totalSize?: ByteSize | undefined
  /** How many files. Default: 20. */
  readonly files?: number | undefined
  /** How many fields that are no files. Default: 200. */
  readonly fields?: number | undefined
  /** The value of one field. Default: `"1 MiB"`. */
  readonly fieldSize?: ByteSize | undefined
  /** The names and values of all fields together: they are held in memory. Default: `"2 MiB"`. */
  readonly fieldsSize?: ByteSize | undefined
  /** The name of a field, in UTF-8. Default: 200 bytes. */
  readonly fieldNameSize?: ByteSize | undefined
  /** How many parts, files that nobody has chosen among them. Default: 500. */
  readonly parts?: number | undefined
  /** How many headers a part has. Default: 32. */
  readonly headerPairs?: number | undefined
  /** The headers of a part, the client's name for a file among them. Default: `"8 KiB"`. */
  readonly headerSize?: ByteSize | undefined
}

export interface ReceiveFormOptions extends FileOptions {
  readonly limits?: FormLimits | undefined
  /** Called as the body arrives, with bytes of the whole body. What it throws ends the form with `aborted`. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Ends the form, which rejects with `aborted`. */
  readonly signal?: AbortSignal | undefined
  /** The most time that the whole form may take, with storing. Default: 1 hour. Node's own `requestTimeout` is 5 minutes. */
  readonly timeout?: Duration | undefined
  /** The most time in which nothing comes from the client. Time that the storage takes does not count. Default: 30 seconds. */
  readonly idleTimeout?: Duration | undefined
}

const OPTIONS: OptionNames<ReceiveFormOptions> = {
  ...FILE_OPTIONS,
  limits: true,
  onProgress: true,
  signal: true,
  timeout: true,
  idleTimeout: true,
}

const LIMITS: OptionNames<FormLimits> = {
  fileSize: true,
  totalSize: true,
  files: true,
  fields: true,
  fieldSize: true,
  fieldsSize: true,
  fieldNameSize: true,
  parts: true,
  headerPairs: true,
  headerSize: true,
}

/** The limits, checked: sizes in bytes. */
interface CheckedLimits extends PartLimits {
  readonly fileSize: number
  readonly totalSize: number
  readonly files: number
  readonly fields: number
  readonly fieldSize: number
  readonly fieldsSize: number
  readonly fieldNameSize: number
}

export interface FormSettings extends FileSettings {
  readonly limits: CheckedLimits
  readonly onProgress: ((progress: Progress) => void) | undefined
  readonly signal: AbortSignal | undefined
  /** In milliseconds. */
  readonly timeout: number
  /** In milliseconds. */
  readonly idleTimeout: number
}

/** @throws StorageError `invalid-option` */
export function checkFormOptions(options: ReceiveFormOptions): FormSettings {
  checkOptions("receiveForm()", options, OPTIONS)
  const { limits = {}, onProgress, signal, timeout = "1h", idleTimeout = "30s" } = options
  checkOptions("receiveForm() limits", limits, LIMITS)
  return {
    ...checkFileOptions("receiveForm()", options),
    limits: {
      fileSize: size("fileSize", limits.fileSize ?? "50 MiB"),
      totalSize: size("totalSize", limits.totalSize ?? "200 MiB"),
      files: count("files", limits.files ?? 20),
      fields: count("fields", limits.fields ?? 200),
      fieldSize: size("fieldSize", limits.fieldSize ?? "1 MiB"),
      fieldsSize: size("fieldsSize", limits.fieldsSize ?? "2 MiB"),
      fieldNameSize: size("fieldNameSize", limits.fieldNameSize ?? 200),
      parts: count("parts", limits.parts ?? 500),
      headerPairs: count("headerPairs", limits.headerPairs ?? 32),
      headerSize: size("headerSize", limits.headerSize ?? "8 KiB"),
    },
    onProgress,
    signal,
    timeout: milliseconds("timeout", timeout),
    idleTimeout: milliseconds("idleTimeout", idleTimeout),
  }
}

function size(name: string, value: ByteSize): number {
  return value === Infinity ? value : bytes(`limits.${name}`, value)
}

function count(name: string, value: number): number {
  if (value === Infinity || (Number.isInteger(value) && value >= 0)) return value
  throw new StorageError("invalid-option", `limits.${name} must be a whole number from 0, or Infinity, not ${value}.`)
}

/** The longest delay that a JavaScript timer can hold. */
const LONGEST_TIMER = 2_147_483_647

function milliseconds(name: string, duration: Duration): number {
  return Math.min(Math.ceil(seconds(duration, name) * 1000), LONGEST_TIMER)
}
