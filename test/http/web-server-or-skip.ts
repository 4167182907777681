import type { WebServer } from "../servers/web-server.ts"

/** The server, or undefined where it can't be installed. @throws Error where it is there and does not start */
export async function webServerOrSkip(title: string, start: () => Promise<WebServer>): Promise<WebServer | undefined> {
  try {
    return await start()
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!
    if (!reason.startsWith(`${title} can't be installed`)) throw error
    console.log(`${title} did not run: ${reason}`)
    return undefined
  }
}
