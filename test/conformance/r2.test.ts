import { describeStorage } from "@node-storages/conformance"
import { describe } from "vitest"
import { R2_GAPS } from "./gaps.ts"
import { optionsOn } from "./s3-options.ts"
import { provided } from "../servers/provided.ts"

const r2 = provided("r2")

describe.skipIf("reason" in r2)("on Cloudflare's R2 emulator", () => {
  const options = optionsOn(() => {
    if ("reason" in r2) throw new Error(r2.reason)
    // Miniflare completes a multipart upload without looking at its condition, which R2 itself does.
    const service = { conditionalCreate: "put", conditionalMatch: true, postUploads: false } as const
    return { connection: r2, bucket: r2.buckets[0]!, options: service }
  }, R2_GAPS)
  describeStorage("S3Storage", options)
})
