import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as azure from "@node-storages/azure"
import * as core from "@node-storages/core"
import * as gcs from "@node-storages/gcs"
import * as http from "@node-storages/http"
import * as local from "@node-storages/local"
import * as memory from "@node-storages/memory"
import * as s3 from "@node-storages/s3"
import * as statics from "@node-storages/static"
import * as uploads from "@node-storages/uploads"
import { ROOT } from "./markdown.ts"

export const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")
export const words = (text: string): string[] => text.trim().split(/\s+/)

/** Rows of tables: the first two cells, with the heading that they stand under. */
export interface Row {
  readonly heading: string
  readonly theirs: string
  readonly ours: string
}

export function rowsOf(text: string): Row[] {
  let heading = ""
  return text.split("\n").flatMap((line) => {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
    const [, theirs, ours] = /^\| (.*?) +\| (.*?) +\|$/.exec(line) ?? []
    const isRow = theirs !== undefined && !/^-+$/.test(theirs) && theirs.includes("`")
    return isRow ? [{ heading, theirs, ours: ours! }] : []
  })
}

/** Code in a cell; a `|` that the cell escapes is one. */
export const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)

/** Every option, field, method and function that the packages declare, and what is exported. */
function knownNames(): Set<string> {
  const modules = [azure, core, gcs, http, local, memory, s3, statics, uploads]
  const classes = [core.DriverStorage, core.StorageFile, statics.StaticFiles, core.MultipartUpload]
  const declared = globSync("packages/*/src/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] })
    .filter((path) => !path.includes("conformance") && !path.includes("/testing/"))
    .flatMap((path) => [...read(path).matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]!))
  return new Set([
    ...modules.flatMap((module) => Object.keys(module)),
    ...classes.flatMap((one) => Object.getOwnPropertyNames(one.prototype)),
    ...[...read("packages/core/src/storage.ts").matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1]!),
    ...declared,
    "StaticSource",
  ])
}

/** Of the language, of Node and of a service; and variables that the cells make up. */
const OTHERS = new Set(
  words(`new await for of const true false Date Blob TMPDIR NODE_EXTRA_CA_CERTS AWS_PROFILE sessionToken
    createReadStream unlink private ServerSideEncryption StorageClass SSEKMSKeyId
    bucket chunk config container content directory end files names root start storage storages media title url`),
)

const names = knownNames()

const codes = new Set(
  ["core/src/errors.ts", "static/src/static-error.ts", "uploads/src/upload-error.ts"].flatMap((path) =>
    [...read(`packages/${path}`).matchAll(/^ {2}\| "([a-z-]+)"$/gm)].map((match) => match[1]!),
  ),
)

/** Names in the code of a cell that nothing of ours has, neither as an export, nor a method, an option or a code. */
export function unknownIn(cell: string): string[] {
  return codeIn(cell)
    .filter((code) => !code.startsWith("storages ") && !code.startsWith("--") && !code.startsWith("<"))
    .filter((code) => !codes.has(code) && !/^["/]/.test(code) && !/^[@.]?[\w-]+\/[\w./-]*$/.test(code))
    .flatMap((code) => code.replace(/"[^"]*"/g, "").match(/[A-Za-z_$][\w$]*/g) ?? [])
    .filter((name) => !names.has(name) && !OTHERS.has(name))
}
