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
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")

/** Rows of tables: the first two cells, with the heading that they stand under. */
interface Row {
  readonly heading: string
  readonly theirs: string
  readonly ours: string
}

function rowsOf(text: string): Row[] {
  let heading = ""
  return text.split("\n").flatMap((line) => {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
    const [, theirs, ours] = /^\| (.*?) +\| (.*?) +\|$/.exec(line) ?? []
    const isRow = theirs !== undefined && !/^-+$/.test(theirs) && theirs.includes("`")
    return isRow ? [{ heading, theirs, ours: ours! }] : []
  })
}

/** Code in a cell; a `|` that the cell escapes is one. */
const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)

const rows = rowsOf(read("docs/migrate/django.md"))

/** Settings that the sources of Django, django-storages and WhiteNoise read. */
const SETTINGS = {
  "Settings of Django": `STORAGES DEFAULT_FILE_STORAGE STATICFILES_STORAGE MEDIA_ROOT MEDIA_URL STATIC_ROOT STATIC_URL
    STATICFILES_DIRS STATICFILES_FINDERS FILE_UPLOAD_PERMISSIONS FILE_UPLOAD_DIRECTORY_PERMISSIONS FILE_UPLOAD_HANDLERS
    FILE_UPLOAD_MAX_MEMORY_SIZE FILE_UPLOAD_TEMP_DIR DATA_UPLOAD_MAX_MEMORY_SIZE DATA_UPLOAD_MAX_NUMBER_FIELDS
    DATA_UPLOAD_MAX_NUMBER_FILES`,
  "django-storages: S3": `AWS_STORAGE_BUCKET_NAME AWS_S3_ACCESS_KEY_ID AWS_S3_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_S3_SESSION_PROFILE AWS_S3_REGION_NAME
    AWS_S3_ENDPOINT_URL AWS_S3_USE_SSL AWS_S3_VERIFY AWS_S3_PROXIES AWS_S3_ADDRESSING_STYLE AWS_S3_SIGNATURE_VERSION
    AWS_LOCATION AWS_S3_CUSTOM_DOMAIN AWS_S3_URL_PROTOCOL AWS_CLOUDFRONT_KEY AWS_CLOUDFRONT_KEY_ID AWS_QUERYSTRING_AUTH
    AWS_QUERYSTRING_EXPIRE AWS_S3_FILE_OVERWRITE AWS_S3_OBJECT_PARAMETERS AWS_DEFAULT_ACL AWS_IS_GZIPPED
    GZIP_CONTENT_TYPES AWS_S3_MAX_MEMORY_SIZE AWS_S3_FILE_BUFFER_SIZE AWS_S3_TRANSFER_CONFIG AWS_S3_USE_THREADS
    AWS_S3_CLIENT_CONFIG AWS_S3_FILE_NAME_CHARSET`,
  "django-storages: Google Cloud Storage": `GS_BUCKET_NAME GS_PROJECT_ID GS_CREDENTIALS GS_LOCATION GS_CUSTOM_ENDPOINT
    GS_QUERYSTRING_AUTH GS_EXPIRATION GS_IAM_SIGN_BLOB GS_SA_EMAIL GS_DEFAULT_ACL GS_FILE_OVERWRITE GS_OBJECT_PARAMETERS
    GS_IS_GZIPPED GS_BLOB_CHUNK_SIZE GS_MAX_MEMORY_SIZE`,
  "django-storages: Azure": `AZURE_CONTAINER AZURE_ACCOUNT_NAME AZURE_ACCOUNT_KEY AZURE_CONNECTION_STRING AZURE_SAS_TOKEN
    AZURE_TOKEN_CREDENTIAL AZURE_ENDPOINT_SUFFIX AZURE_SSL AZURE_CUSTOM_DOMAIN AZURE_LOCATION AZURE_URL_EXPIRATION_SECS
    AZURE_OVERWRITE_FILES AZURE_OBJECT_PARAMETERS AZURE_CACHE_CONTROL AZURE_UPLOAD_MAX_CONN AZURE_CONNECTION_TIMEOUT_SECS
    AZURE_BLOB_MAX_MEMORY_SIZE AZURE_CLIENT_OPTIONS AZURE_API_VERSION`,
  WhiteNoise: `WHITENOISE_ROOT WHITENOISE_AUTOREFRESH WHITENOISE_USE_FINDERS WHITENOISE_MAX_AGE WHITENOISE_INDEX_FILE
    WHITENOISE_MIMETYPES WHITENOISE_CHARSET WHITENOISE_ALLOW_ALL_ORIGINS WHITENOISE_SKIP_COMPRESS_EXTENSIONS
    WHITENOISE_COMPRESSOR_CLASS WHITENOISE_ADD_HEADERS_FUNCTION WHITENOISE_IMMUTABLE_FILE_TEST WHITENOISE_STATIC_PREFIX
    WHITENOISE_KEEP_ONLY_HASHED_FILES WHITENOISE_MANIFEST_STRICT`,
} as const

/** Public methods of Django's Storage. */
const METHODS = `delete deconstruct exists generate_filename get_accessed_time get_alternative_name get_available_name
  get_created_time get_modified_time get_valid_name is_name_available listdir open path save size url`

const words = (text: string) => text.split(/\s+/)

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
    bucket chunk config container content directory end files names root start storage storages media title url`),
)

const codes = new Set(
  ["core/src/errors.ts", "static/src/static-error.ts", "uploads/src/upload-error.ts"].flatMap((path) =>
    [...read(`packages/${path}`).matchAll(/^ {2}\| "([a-z-]+)"$/gm)].map((match) => match[1]!),
  ),
)

describe("docs/migrate/django.md", () => {
  it.each(Object.entries(SETTINGS))("has each setting of %s, once", (heading, settings) => {
    const named = rows
      .filter((row) => row.heading === heading)
      .flatMap(({ theirs }) => codeIn(theirs))
      .filter((code) => /^[A-Z\d]+(?:_[A-Z\d]+)*$/.test(code))
    expect(named.toSorted()).toEqual(words(settings).toSorted())
  })

  it("has each method of Django's Storage", () => {
    const named = rows
      .filter(({ heading }) => heading === "Methods of a storage")
      .flatMap(({ theirs }) => codeIn(theirs).map((code) => /^\w+/.exec(code)![0]))
    expect([...new Set(named)].toSorted()).toEqual(words(METHODS).toSorted())
  })

  const names = knownNames()
  it.each(rows.map(({ theirs, ours }) => [theirs, ours]))("names for %s what there is", (_, ours) => {
    expect(ours.length).toBeGreaterThan(3)
    const unknown = codeIn(ours)
      .filter((code) => !code.startsWith("storages ") && !code.startsWith("--") && !code.startsWith("<"))
      .filter((code) => !codes.has(code) && !/^["/]/.test(code) && !/^\.?[\w-]+\/$/.test(code))
      .flatMap((code) => code.replace(/"[^"]*"/g, "").match(/[A-Za-z_$][\w$]*/g) ?? [])
      .filter((name) => !names.has(name) && !OTHERS.has(name))
    expect(unknown).toEqual([])
  })

  it("names commands and flags of the command line that it has", () => {
    const shown = rows.flatMap(({ ours }) => codeIn(ours)).filter((code) => /^(?:storages [a-z]|--)/.test(code))
    expect(shown.length).toBeGreaterThan(8)
    const sources = globSync("packages/cli/src/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] })
      .map(read)
      .join("\n")
    for (const code of shown) {
      const command = /^storages (\w+)/.exec(code)?.[1]
      if (command !== undefined) expect(sources, code).toMatch(new RegExp(`(?:define|command)\\("${command}"`))
      for (const [flag] of code.matchAll(/--[\w-]+/g)) {
        expect(sources, code).toMatch(new RegExp(`"(?:-\\w, )?${flag}[ "]`))
      }
    }
  })

  it("says why where there is nothing", () => {
    const bare = rows.filter(({ ours }) => /^(?:none|nothing)$/.test(ours.trim()))
    expect(bare).toEqual([])
  })
})
