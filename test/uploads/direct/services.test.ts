import { describe } from "vitest"
import { AZURITE, GCS, R2, S3 } from "./services.ts"
import { describeDirectUploads } from "./suite.ts"

for (const kind of [S3, AZURITE, GCS, R2]) {
  describe.skipIf(kind.missing)(kind.title, () => describeDirectUploads(kind))
}
