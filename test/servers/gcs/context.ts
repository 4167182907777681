import type { Accounts } from "./accounts.ts"
import type { ContentFolder } from "./content.ts"
import type { Faults } from "./faults.ts"
import type { MultipartUploads } from "./multipart-uploads.ts"
import type { ObjectStore } from "./object-store.ts"
import type { RequestLog } from "./request-log.ts"
import type { Sessions } from "./resumable.ts"
import type { Rewrites } from "./rewrite.ts"

/** What one server has; every handler gets it. */
export interface GcsContext {
  store: ObjectStore
  accounts: Accounts
  folder: ContentFolder
  sessions: Sessions
  multipart: MultipartUploads
  rewrites: Rewrites
  requests: RequestLog
  faults: Faults
  now: () => Date
}
