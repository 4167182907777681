/**
 * Vitest's globalSetup: installs what is missing of Debian's programs, all at once, and starts the servers that tests
 * share. It does not wait for either, so that the tests that need none begin: `provided()` and `installPrograms()` wait.
 */
import { installPrograms } from "./debian-packages.ts"
import { ALL_PROGRAMS } from "./debian-programs.ts"
import { openRunFolder, tell } from "./run-folder.ts"
import { startServers } from "./shared-servers.ts"

export default function setup(): () => Promise<void> {
  const removeFolder = openRunFolder()
  const started = start()
  // Tests are told of a failure, and the end of the run is.
  started.catch((error: unknown) => tell("servers", JSON.stringify({ failure: String(error) })))
  return async () => {
    try {
      await (await started).stop()
    } finally {
      removeFolder()
    }
  }
}

function start(): ReturnType<typeof startServers> {
  return startServers(install()).then((started) => {
    tell("servers", JSON.stringify(started.servers))
    return started
  })
}

/** What can't be installed is told by each test that misses it. */
async function install(): Promise<void> {
  try {
    await installPrograms(ALL_PROGRAMS)
  } catch (error) {
    console.log((error as Error).message.split("\n")[0])
  } finally {
    tell("installed", "")
  }
}
