import { LOCAL, MEMORY } from "./backend.ts"
import { describeDirectUploads } from "./suite.ts"

describeDirectUploads(LOCAL)
describeDirectUploads(MEMORY)
