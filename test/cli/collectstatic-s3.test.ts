import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { S3Storage } from "@node-storages/s3"
import type { CollectReport } from "@node-storages/static"
import { describe, expect, it, onTestFinished } from "vitest"
import { connectionOptions, describeOnS3 } from "../s3/support.ts"
import type { S3Connection } from "../servers/s3-server.ts"
import { appFolder } from "./app-folder.ts"
import { startCommand } from "./command-process.ts"
import { type Ended, runCommand } from "./run-command.ts"
import { manyFiles, staticConfiguration } from "./static-app.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"
import { provided } from "../servers/provided.ts"

/** A configuration that collects into a bucket, with the keys in the environment. */
function configuration(bucket: string, location: string, connection: S3Connection, files: string): string {
  const { endpoint, region } = connection
  const storage =
    `new S3Storage("${bucket}", { endpoint: "${endpoint}", region: "${region}", forcePathStyle: true, ` +
    `location: "${location}", signedUrls: false, ` +
    "credentials: { accessKeyId: process.env.TEST_KEY_ID!, secretAccessKey: process.env.TEST_KEY! } })"
  const imports = 'import { S3Storage } from "@node-storages/s3"'
  return staticConfiguration({ storage, sources: files, options: "plain: false, compress: false,", imports })
}

/** An app whose static files go into a bucket, and what its manifest is. */
function appWith({ name, connection }: { readonly name: string; readonly connection: S3Connection }, location: string) {
  const { accessKeyId, secretAccessKey } = connection.credentials
  const env = { TEST_KEY_ID: accessKeyId, TEST_KEY: secretAccessKey }
  const cwd = appFolder()
  const storage = new S3Storage(name, { ...connectionOptions(connection), forcePathStyle: true, location })
  onTestFinished(() => storage.close())
  return {
    cwd,
    env,
    storage,
    manifest: () => storage.open("staticfiles.json").text(),
    release: (files: string) => {
      writeFileSync(join(cwd, "storages.config.ts"), configuration(name, location, connection, files))
    },
    run: (...args: string[]) => runCommand(["collectstatic", ...args], { cwd, env }),
  }
}

type App = ReturnType<typeof appWith>

/** Ends a collect in its middle. */
async function cutOff({ cwd, env }: App, signal: NodeJS.Signals): Promise<Ended> {
  const running = await startCommand(["-v", "collectstatic"], { cwd, env })
  await running.writes(({ stderr }) => stderr.split("\nwritten ").length > 50)
  running.process.kill(signal)
  return await running.ended
}

const reportOf = ({ stdout }: Ended): CollectReport => JSON.parse(stdout) as CollectReport

describeOnS3("storages collectstatic into a bucket of Ceph", (bucket) => {
  it("shows a bar for 2,000 files; Ctrl-C leaves the old release as it is, and the next run goes on", async () => {
    const app = appWith(bucket(), "many")
    app.release(manyFiles(2000))
    const first = await startTerminal(["collectstatic"], app)
    await first.shows(/^Collecting.* \d{2,}.* img\/\d+/m)
    expect(await first.exitCode).toBe(0)
    expect(first.screen().replaceAll("\n", "")).toMatch(
      /^2,000 static files: 2,000 written \(\d+ KB\), 0 unchanged\. http.*\/many\/ is ready\.$/,
    )
    const before = await app.manifest()

    app.release(manyFiles(2000, "v2"))
    const second = await startTerminal(["collectstatic"], app)
    await second.shows(/^Collecting.* \d{3,}.* img\/\d+/m)
    second.type(CTRL_C)
    expect(await second.exitCode).toBe(130)
    const told = second.screen().replaceAll("\n", "")
    expect(told).toMatch(
      /Stopped after [\d,]+ files\. The release before is as it was: the manifest is replaced last\./,
    )
    expect(await app.manifest()).toBe(before)
    expect(await bucket().openUploads()).toEqual([])

    const { published } = reportOf(await app.run("--json"))
    expect(published.unchanged).toBeGreaterThanOrEqual(100)
    expect(published.written + published.unchanged).toBe(2000)
    expect(await app.manifest()).not.toBe(before)
  })

  it("leaves the old release as it is when it is killed", async () => {
    const app = appWith(bucket(), "killed")
    app.release(manyFiles(400))
    expect((await app.run()).exitCode).toBe(0)
    const before = await app.manifest()
    app.release(manyFiles(400, "v2"))
    expect((await cutOff(app, "SIGKILL")).exitCode).toBe(null)
    expect(await app.manifest()).toBe(before)
    for (const { name } of Object.values((JSON.parse(before) as { files: Record<string, { name: string }> }).files)) {
      expect(await app.storage.exists(name)).toBe(true)
    }
    expect(reportOf(await app.run("--json")).published).toMatchObject({ manifest: "written" })
  })

  it("clears no location without --yes, and all of it with it", async () => {
    const app = appWith(bucket(), "cleared")
    app.release(manyFiles(3))
    await app.run()
    await app.storage.write("somebody-elses.txt", "old")
    expect((await app.run("--clear")).exitCode).toBe(4)
    const { exitCode, stderr } = await app.run("--clear", "--yes")
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^5 files \(.*\) deleted\.\n$/)])
    expect(await app.storage.exists("somebody-elses.txt")).toBe(false)
    const whole = appWith(bucket(), "")
    whole.release(manyFiles(1))
    const refused = await whole.run("--clear")
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("everything that is in the bucket")])
    expect((await runCommand(["prune", "--older-than", "0", "--dry-run"], app)).stdout).toMatch(/^Nothing to delete\./)
  })
})

const r2 = provided("r2")
describe.skipIf("reason" in r2)("storages collectstatic into a bucket of R2", () => {
  it("publishes, and leaves the old release as it is when it is interrupted", async () => {
    if ("reason" in r2) return
    const app = appWith({ name: r2.buckets[0]!, connection: r2 }, `cli-${process.pid}`)
    app.release(manyFiles(300))
    expect((await app.run()).stdout).toMatch(/^300 static files: 300 written/)
    const before = await app.manifest()
    app.release(manyFiles(300, "v2"))
    expect((await cutOff(app, "SIGINT")).exitCode).toBe(130)
    expect(await app.manifest()).toBe(before)
    const { published } = reportOf(await app.run("--json"))
    expect(published.unchanged).toBeGreaterThanOrEqual(50)
    expect(published.manifest).toBe("written")
  })
})
