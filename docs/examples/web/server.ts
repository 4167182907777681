// npm start: the app, on http://localhost:3000 or on the port of the environment variable PORT
import { join } from "node:path"
import { start } from "./start.ts"

const folder = join(process.cwd(), "demo-files", "web")
const port = Number(process.env["PORT"] ?? 3000)
try {
  const { url, collected } = await start(folder, port)
  console.log(`Collected ${collected.files} static files, ${collected.published.written} objects written.`)
  console.log(`Lightbox runs at ${url}, with its files in ${folder}. Stop it with Ctrl+C.`)
} catch (error) {
  const { code } = error as NodeJS.ErrnoException
  if (code !== "EADDRINUSE" && code !== "ERR_SOCKET_BAD_PORT") throw error
  const problem = code === "EADDRINUSE" ? "is taken" : "is no port"
  console.error(`${process.env["PORT"] ?? port} ${problem}. Choose another: PORT=3001 npm start`)
  process.exitCode = 1
}
