import type { Storage } from "@node-storages/core"
import { StaticError } from "../static-error.ts"
import { describeTarget } from "./target.ts"

export function finished(method: string): StaticError {
  return new StaticError(
    "invalid-option",
    `${method} after finish(): a Publisher is for one collect. Open another one.`,
  )
}

/** @param origin the source's own name for the file, where it is known */
export function reserved(name: string, origin?: string): StaticError {
  return new StaticError(
    "invalid-name",
    `${JSON.stringify(name)}${origin === undefined ? "" : ` (${origin})`} can't be published: the name is kept for ` +
      'manifests. Rename the file, or leave it out with "ignore".',
    { file: origin ?? name },
  )
}

export function clash(name: string): StaticError {
  return new StaticError(
    "name-clash",
    `Two files of different content were to be published as ${JSON.stringify(name)}. Rename one of them.`,
    { file: name },
  )
}

export function encodes(target: Storage, name: string): StaticError {
  return new StaticError(
    "invalid-option",
    `${describeTarget(target)} compresses files by itself, so that what it lists can't be compared with what was ` +
      `published, as with ${JSON.stringify(name)}. Give a storage without the option "gzip": static files are ` +
      "compressed when they are collected.",
    { file: name },
  )
}
