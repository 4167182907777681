import { describeStorage } from "@node-storages/conformance"
import { describeOnS3 } from "../s3/support.ts"
import { CEPH_GAPS } from "./gaps.ts"
import { optionsOn } from "./s3-options.ts"

describeOnS3("on the S3 server of this run", (bucket) => {
  const options = optionsOn(
    () => ({ connection: bucket().connection, bucket: bucket().name, options: { conditionalCreate: "put" } }),
    CEPH_GAPS,
  )
  describeStorage("S3Storage", options)
})
