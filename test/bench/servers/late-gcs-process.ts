// node test/bench/servers/late-gcs-process.ts LATENCY
import { startGcsServer } from "../../servers/gcs/gcs-server.ts"
import type { LateGcsTold } from "./late-gcs.ts"

const server = await startGcsServer({ buckets: ["bench"] })
server.faults.add({ delay: Number(process.argv[2]) })
process.on("disconnect", () => void server.stop().then(() => process.exit()))
const { endpoint, credentials } = server
process.send!({ endpoint, account: credentials.client_email, token: server.accessToken() } satisfies LateGcsTold)
