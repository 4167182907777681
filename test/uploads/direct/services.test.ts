import { describe } from "vitest"
import { AZURITE, CEPH, GCS } from "./services.ts"
import { describeDirectUploads } from "./suite.ts"

for (const kind of [CEPH, AZURITE, GCS]) {
  describe.skipIf(kind.missing)(kind.title, () => describeDirectUploads(kind))
}
