import type { BenchRow } from "./harness/row.ts"
import type { Row } from "./table.ts"

/** The rows of docs/performance.md, in its order. Imported one by one: a subject's process loads its own row only. */
export const ROWS: Readonly<Record<string, () => Promise<BenchRow>>> = {
  "s3-sign": async () => (await import("./rows/s3-sign.ts")).s3Sign,
  "local-save": async () => (await import("./rows/local-small.ts")).localSave,
  "local-read": async () => (await import("./rows/local-small.ts")).localRead,
  "local-exists": async () => (await import("./rows/local-small.ts")).localExists,
  "local-delete": async () => (await import("./rows/local-small.ts")).localDelete,
  "local-list": async () => (await import("./rows/local-trees.ts")).localList,
  "local-names": async () => (await import("./rows/local-trees.ts")).localNames,
  "local-growth-list": async () => (await import("./rows/local-trees.ts")).localGrowthList,
  "local-growth-delete-many": async () => (await import("./rows/local-trees.ts")).localGrowthDeleteMany,
  "import-core": async () => (await import("./rows/imports.ts")).importCore,
  "import-local": async () => (await import("./rows/imports.ts")).importLocal,
  "import-s3": async () => (await import("./rows/imports.ts")).importS3,
  "s3-upload": async () => (await import("./rows/s3-upload.ts")).s3Upload,
  "s3-download": async () => (await import("./rows/s3-download.ts")).s3Download,
  "local-stream": async () => (await import("./rows/local-streams.ts")).localStream,
  "local-stream-read": async () => (await import("./rows/local-streams.ts")).localStreamRead,
  "growth-save": async () => (await import("./rows/growth-save.ts")).growthSave,
  "growth-transfer": async () => (await import("./rows/growth-transfer.ts")).growthTransfer,
  "ceph-put": async () => (await import("./rows/ceph.ts")).cephPut,
  "ceph-get": async () => (await import("./rows/ceph.ts")).cephGet,
  "ceph-upload": async () => (await import("./rows/ceph.ts")).cephUpload,
  "gcs-sign": async () => (await import("./rows/gcs-sign.ts")).gcsSign,
  "gcs-sign-keyless": async () => (await import("./rows/gcs-sign.ts")).gcsSignKeyless,
  "azure-sign": async () => (await import("./rows/azure-sign.ts")).azureSign,
  "azure-sign-delegated": async () => (await import("./rows/azure-sign.ts")).azureSignDelegated,
  "serve-small": async () => (await import("./rows/serve.ts")).serveSmall,
  "serve-large": async () => (await import("./rows/serve.ts")).serveLarge,
  collect: async () => (await import("./rows/collect.ts")).collect,
  "collect-again": async () => (await import("./rows/collect.ts")).collectAgain,
  "collect-compress": async () => (await import("./rows/collect-compress.ts")).collectCompress,
  "collect-s3": async () => (await import("./rows/collect-s3.ts")).collectS3,
  "collect-s3-again": async () => (await import("./rows/collect-s3.ts")).collectS3Again,
  "sync-s3": async () => (await import("./rows/sync-s3.ts")).syncS3,
  "sync-s3-again": async () => (await import("./rows/sync-s3.ts")).syncS3Again,
  "growth-collect": async () => (await import("./rows/collect.ts")).growthCollect,
}

/** Measurements of another form, which are run when they are named. */
export const OTHERS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  fuzz: async () => (await import("./fuzz-headers.ts")).fuzzHeaders(),
  stream: async () => (await import("./large-streams.ts")).largeStreams(),
  uploads: async () => (await import("./uploads.ts")).uploads(),
}
