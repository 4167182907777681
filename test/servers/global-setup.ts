/**
 * Vitest's globalSetup: one S3 service and one R2 for the whole run. A test gets them with `inject("s3")` and
 * `inject("r2")`, and skips itself when it finds a reason instead of an endpoint. Many test files share them: each
 * makes its own S3 bucket, and in R2, where buckets can't be made, its own key prefix.
 */
import type { TestProject } from "vitest/node"
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

declare module "vitest" {
  export interface ProvidedContext {
    s3: S3Connection | Missing
    r2: R2Connection | Missing
  }
}

const R2_BUCKETS = Array.from({ length: 8 }, (_, index) => `node-storages-${index}`)

export default async function setup(project: Pick<TestProject, "provide">): Promise<() => Promise<void>> {
  const [s3, r2] = await Promise.all([provideS3(), provideR2()])
  project.provide("s3", "server" in s3 ? connectionOf(s3.server) : s3)
  project.provide("r2", "server" in r2 ? { ...connectionOf(r2.server), buckets: R2_BUCKETS } : r2)

  return async () => {
    await Promise.all([s3, r2].map(async (each) => ("server" in each ? each.server.stop() : undefined)))
    if ("reason" in s3) console.log(`S3 did not run: ${s3.reason}`)
    if ("reason" in r2) console.log(`R2 did not run: ${r2.reason}`)
  }
}

async function provideR2(): Promise<{ server: S3Server } | Missing> {
  try {
    return { server: await startMiniflareR2({ buckets: R2_BUCKETS }) }
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n")
    return { reason }
  }
}
