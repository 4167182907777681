import type { IncomingMessage, ServerResponse } from "node:http"
import type { Output } from "../../output/output.ts"
import { printable } from "../../output/text.ts"

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** With `--verbose`, a line for each request: `GET /media/a.png 200 3 ms`. */
export function logged(output: Output, handle: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const begun = performance.now()
    response.once("close", () => {
      const { statusCode, writableFinished } = response
      const end = writableFinished ? "" : " broken off"
      const path = printable(request.url ?? "").replace(/([?&]signed=)[^&]*/, "$1…")
      const took = Math.round(performance.now() - begun)
      output.detail(`${request.method} ${path} ${statusCode}${end} ${took} ms`)
    })
    void handle(request, response)
  }
}
