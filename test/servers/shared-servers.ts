/**
 * One S3 service, one R2, one Azurite and one GCS server for a whole run. The first three may be missing: a test skips
 * itself when it finds a reason instead of an endpoint. Many test files share them: each makes its own S3 bucket or
 * Azure container, and in R2 and on the GCS server, whose buckets are made here, its own key prefix.
 */
import { type AzureConnection, azureConnectionOf, type AzureServer, startAzurite } from "./azurite.ts"
import { type GcsConnection, connectionOf as gcsConnectionOf, startGcsServer } from "./gcs/gcs-server.ts"
import { startMiniflareR2 } from "./miniflare-r2.ts"
import { provideS3 } from "./s3-for-tests.ts"
import { connectionOf, type S3Connection, type S3Server } from "./s3-server.ts"

/** Why a server is missing from this run, in one line. */
export interface Missing {
  reason: string
}

/** R2 as Miniflare serves it, with the buckets that exist. */
export interface R2Connection extends S3Connection {
  buckets: string[]
}

/** The GCS server of the tests, with the buckets that exist. */
export interface SharedGcs extends GcsConnection {
  buckets: string[]
}

/** How tests reach the servers. Serialisable. */
export interface SharedServers {
  s3: S3Connection | Missing
  r2: R2Connection | Missing
  azure: AzureConnection | Missing
  gcs: SharedGcs
}

const BUCKETS = Array.from({ length: 8 }, (_, index) => `node-storages-${index}`)

/**
 * @param installed when the programs that can be installed are there
 * @returns the servers, and what ends them and tells which did not run
 */
export async function startServers(
  installed: Promise<void>,
): Promise<{ readonly servers: SharedServers; readonly stop: () => Promise<void> }> {
  const [s3, r2, azure, gcs] = await Promise.all([
    installed.then(provideS3),
    provideR2(),
    provideAzure(),
    startGcsServer({ buckets: BUCKETS }),
  ])
  const servers: SharedServers = {
    s3: "server" in s3 ? connectionOf(s3.server) : s3,
    r2: "server" in r2 ? { ...connectionOf(r2.server), buckets: BUCKETS } : r2,
    azure: "server" in azure ? azureConnectionOf(azure.server) : azure,
    gcs: { ...gcsConnectionOf(gcs), buckets: BUCKETS },
  }
  const stop = async (): Promise<void> => {
    await gcs.stop()
    await Promise.all([s3, r2, azure].map(async (each) => ("server" in each ? each.server.stop() : undefined)))
    if ("reason" in s3) console.log(`S3 did not run: ${s3.reason}`)
    if ("reason" in r2) console.log(`R2 did not run: ${r2.reason}`)
    if ("reason" in azure) console.log(`Azure did not run: ${azure.reason}`)
  }
  return { servers, stop }
}

async function provideAzure(): Promise<{ server: AzureServer } | Missing> {
  return orReason(() => startAzurite())
}

async function provideR2(): Promise<{ server: S3Server } | Missing> {
  return orReason(() => startMiniflareR2({ buckets: BUCKETS }))
}

async function orReason<Server>(start: () => Promise<Server>): Promise<{ server: Server } | Missing> {
  try {
    return { server: await start() }
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n")
    return { reason }
  }
}
