import type { Gap } from "@node-storages/conformance"

/** What Ceph 16 gets wrong, by test. */
export const CEPH_GAPS: readonly Gap[] = [
  { test: "metadata > a key with an underscore comes back from stat", reason: "Ceph answers x_y as x-y" },
  {
    test: "multipart > is made of the parts that are given, where some are",
    reason: "Ceph refuses a completion that leaves out a part which has arrived",
  },
]

const ENCODED_TWICE = "Miniflare compresses once more what is stored with Content-Encoding: gzip"
const NO_LIST_PARTS = "Miniflare has no ListParts, which R2 has"
const NO_OVERRIDES = "Miniflare ignores response-content-type and response-content-disposition"

/** What Miniflare's R2 gets wrong, by test. R2 itself documents the overrides, and conditions on multipart uploads. */
export const R2_GAPS: readonly Gap[] = [
  { test: "metadata > contentEncoding comes back from stat as it was given", reason: ENCODED_TWICE },
  {
    test: "metadata > bytes with a content encoding come back as they were stored, not decoded",
    reason: ENCODED_TWICE,
  },
  { test: "copy > to another storage carries bytes, content type and headers", reason: ENCODED_TWICE },
  { test: "copy between storages > is made by the service, with bytes, headers and metadata", reason: ENCODED_TWICE },
  { test: "urls > another content type arrives", reason: NO_OVERRIDES },
  { test: "urls > a download name arrives as Content-Disposition, in any script", reason: NO_OVERRIDES },
  { test: "urls > a download name wins over the disposition that the file has", reason: NO_OVERRIDES },
  {
    test: /" leading and trailing \.txt " round-trips through write/,
    reason: "Miniflare trims the keys in a DeleteObjects request",
  },
  {
    test: /^multipart > (?!of a bucket|is refused (for numbers|where the storage may not|with unsupported))/,
    reason: NO_LIST_PARTS,
  },
  { test: /^URLs of parts > (?!can't)/, reason: NO_LIST_PARTS },
]

const TRAILING_DOT =
  "Azure drops a dot at the end of a segment in silence, so AzureStorage refuses the name; Azurite would keep it"

const SIGNED_BLOB = "a SAS signs the blob and what may be done to it, not the block, its size or other parameters"

/** What Azurite gets wrong, and what Azure itself does not hold, by test. */
export const AZURITE_GAPS: readonly Gap[] = [
  { test: /"trailing-dot\." round-trips through write/, reason: TRAILING_DOT },
  { test: /the signed URL of "trailing-dot\."/, reason: TRAILING_DOT },
  { test: "urls > a base URL makes public URLs, without network, encoded segment by segment", reason: TRAILING_DOT },
  { test: "list > gives odd names as they were written", reason: TRAILING_DOT },
  { test: "copy > copies from and to odd names", reason: TRAILING_DOT },
  { test: "move > moves from and to odd names", reason: TRAILING_DOT },
  { test: "copy between storages > takes odd names, at both ends", reason: TRAILING_DOT },
  { test: /^multipart > stores "trailing-dot\."/, reason: TRAILING_DOT },
  { test: "URLs of parts > take a part of exactly the signed size, and no other", reason: SIGNED_BLOB },
  { test: "URLs of parts > are refused when any of their parameters was changed", reason: SIGNED_BLOB },
  {
    test: "list > is in the order of the names' bytes in UTF-8",
    reason: "Azurite sorts by UTF-16 code units: characters above U+FFFF come before U+E000 to U+FFFF",
  },
  {
    test: "signedUpload > another content type than the signed one is refused",
    reason:
      "a service SAS can't bind headers of the request; a user delegation SAS can since 2026-04-06 (srh), which Azurite does not know",
  },
]
