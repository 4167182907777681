import type { Gap } from "@node-storages/conformance"

/** What Ceph 16 gets wrong, by test. */
export const CEPH_GAPS: readonly Gap[] = [
  { test: "metadata > a key with an underscore comes back from stat", reason: "Ceph answers x_y as x-y" },
]

const ENCODED_TWICE = "Miniflare compresses once more what is stored with Content-Encoding: gzip"
const NO_OVERRIDES = "Miniflare ignores response-content-type and response-content-disposition"

/** What Miniflare's R2 gets wrong, by test. R2 itself documents the overrides, and conditions on multipart uploads. */
export const R2_GAPS: readonly Gap[] = [
  { test: "metadata > contentEncoding comes back from stat as it was given", reason: ENCODED_TWICE },
  {
    test: "metadata > bytes with a content encoding come back as they were stored, not decoded",
    reason: ENCODED_TWICE,
  },
  { test: "copy > to another storage carries bytes, content type and headers", reason: ENCODED_TWICE },
  { test: "urls > another content type arrives", reason: NO_OVERRIDES },
  { test: "urls > a download name arrives as Content-Disposition, in any script", reason: NO_OVERRIDES },
  { test: "urls > a download name wins over the disposition that the file has", reason: NO_OVERRIDES },
  {
    test: /" leading and trailing \.txt " round-trips through write/,
    reason: "Miniflare trims the keys in a DeleteObjects request",
  },
]
