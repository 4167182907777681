import { globSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { codeIn, read, rowsOf, unknownIn, words } from "./comparison-tables.ts"
import { ROOT } from "./markdown.ts"

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

  it.each(rows.map(({ theirs, ours }) => [theirs, ours]))("names for %s what there is", (_, ours) => {
    expect(ours.length).toBeGreaterThan(3)
    expect(unknownIn(ours)).toEqual([])
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
