/** Starts the server in a process of its own: `node run.ts bucket…`. Ends on SIGTERM, and when stdin closes. */
import { connectionOf, startGcsServer } from "./gcs-server.ts"

const server = await startGcsServer({ buckets: process.argv.slice(2) })
console.log(JSON.stringify(connectionOf(server)))

const stop = (): void => {
  void server.stop().then(() => process.exit(0))
}
process.once("SIGTERM", stop)
process.stdin.once("close", stop).once("end", stop).resume()
