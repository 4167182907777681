import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { expect, it } from "vitest"
import { describeOnS3, type TestBucket } from "../s3/support.ts"
import { connectionThrough, type S3Connection } from "../servers/s3-server.ts"
import { until } from "../servers/until.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { appFolder } from "./app-folder.ts"
import { type Running, startCommand } from "./command-process.ts"
import { filesOf } from "./files-of.ts"
import { runCommand } from "./run-command.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"
import { provided } from "../servers/provided.ts"

const FILES = { "site/index.html": "<p>", "site/css/a.css": "a{}", "site/.hidden": "h" }
const LARGE = 60_000_000

/** A folder, and a directory of the bucket that is the test's own. */
function workplace(bucket: TestBucket, connection: S3Connection = bucket.connection) {
  const cwd = appFolder(FILES)
  const directory = randomUUID()
  const { endpoint, region, credentials } = connection
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
  const url = (path: string) => `s3://${bucket.name}/${directory}/${path}?forcePathStyle=true&conditionalCreate=put`
  return {
    cwd,
    env,
    url,
    run: async (...args: string[]) => await runCommand(args, { cwd, env }),
    keys: async () => (await bucket.keys(`${directory}/`)).map((key) => key.slice(directory.length + 1)),
    large: (name: string): void => {
      writeFileSync(`${cwd}/${name}`, "")
      truncateSync(`${cwd}/${name}`, LARGE)
    },
  }
}

describeOnS3("files of a bucket", (bucket) => {
  it("are synchronised with a folder, by a URL, there and back", async () => {
    const { cwd, run, url, keys } = workplace(bucket())
    expect(await run("sync", "./site", url("pages"))).toEqual({
      exitCode: 0,
      stdout: "Copied 3 files (7 B), 0 were the same.\n",
      stderr: "",
    })
    expect(await keys()).toEqual(["pages/.hidden", "pages/css/a.css", "pages/index.html"])
    expect((await run("sync", "./site", url("pages"))).stdout).toBe("Copied 0 files (0 B), 3 were the same.\n")
    writeFileSync(`${cwd}/site/index.html`, "<b>")
    mkdirSync(`${cwd}/back`)
    writeFileSync(`${cwd}/back/own.txt`, "own")
    await run("sync", "./site", url("pages"))
    expect((await run("sync", "--delete", "--yes", url("pages"), "./back")).stdout).toBe(
      "Copied 3 files (7 B), 0 were the same, deleted 1 file.\n",
    )
    expect(filesOf(`${cwd}/back`)).toEqual({ "index.html": "<b>", "css/a.css": "a{}", ".hidden": "h" })
  })

  it("are named by URLs as others are by names: stat, cat, cp, mv and rm", async () => {
    const { cwd, run, url, keys } = workplace(bucket())
    await run("cp", "--metadata", "a=b", "--cache-control", "no-cache", "site/index.html", url("x/"))
    expect((await run("stat", url("x/index.html"))).stdout).toMatch(/cache-control: +no-cache\n(.*\n)*metadata a: +b\n/)
    expect((await run("cat", url("x/index.html"))).stdout).toBe("<p>")
    await run("mv", url("x/index.html"), url("y/moved.html"))
    expect((await run("stat", url("y/moved.html"))).stdout).toMatch(/metadata a: +b/)
    await run("cp", "-r", "./site", url("z"))
    await run("cp", "-r", url("z"), "./out/")
    expect(filesOf(`${cwd}/out`)).toEqual({ "z/index.html": "<p>", "z/css/a.css": "a{}", "z/.hidden": "h" })
    expect(await run("cp", "--no-clobber", "site/index.html", url("z/index.html"))).toMatchObject({ exitCode: 1 })
    const asked = await run("rm", "-r", url("z/"))
    expect(asked.exitCode).toBe(4)
    expect(asked.stderr).toMatch(/^error: Delete all 3 files \(7 B\) of s3:\/\/\S+\/z\? Nobody can be asked/)
    await run("rm", "-r", "--yes", url("z/"))
    expect(await keys()).toEqual(["y/moved.html"])
    expect((await run("rm", url("y/nothing"))).exitCode).toBe(3)
    const back = await run("mv", url("y/moved.html"), "./")
    expect(back).toMatchObject({ exitCode: 0, stdout: "Moved 1 file, 3 B.\n" })
    expect(await keys()).toEqual([])
  })

  it("are listed without what is secret in their URL", async () => {
    const { cwd, env } = workplace(bucket())
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...others } = env
    const place = `s3://${AWS_ACCESS_KEY_ID}:${encodeURIComponent(AWS_SECRET_ACCESS_KEY)}@${bucket().name}`
    const url = `${place}/secret-${randomUUID()}?forcePathStyle=true&conditionalCreate=put`
    const { stdout, stderr } = await runCommand(["cp", "-r", "-v", "-n", "./site", url], { cwd, env: others })
    expect(stdout).toContain(`./site/index.html -> s3://${bucket().name}/secret-`)
    expect(stdout + stderr).not.toContain(AWS_SECRET_ACCESS_KEY)
    expect(stdout + stderr).not.toContain(encodeURIComponent(AWS_SECRET_ACCESS_KEY))
  })
})

describeOnS3("files of a bucket on a poor connection", (bucket) => {
  const proxy = useFaultProxy(() => {
    const s3 = provided("s3")
    return "endpoint" in s3 ? s3.endpoint : ""
  })
  const slow = () => workplace(bucket(), connectionThrough(proxy(), bucket().connection))
  const begun = () => until(async () => (await bucket().openUploads()).length > 0)
  const interrupted = async (running: Running): Promise<string> => {
    running.process.kill("SIGINT")
    const { exitCode, stderr, stdout } = await running.ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" })
    return stderr
  }

  it("are copied by the service between two of its places: the bytes do not pass through here", async () => {
    const { cwd, env, run, url, large } = slow()
    large("large.bin")
    await run("cp", "large.bin", url("a/large.bin"))
    proxy().resetCounts()
    expect((await runCommand(["cp", url("a/large.bin"), url("b/large.bin")], { cwd, env })).exitCode).toBe(0)
    expect(proxy().counts().bytesDown + proxy().counts().bytesUp).toBeLessThan(1_000_000)
    expect((await run("stat", url("b/large.bin"))).stdout).toMatch(/size: +60,000,000 bytes/)
  })

  it("leave nothing of an upload that Ctrl-C ends, neither at the service nor here", async () => {
    const { cwd, env, url, large, keys } = slow()
    large("large.bin")
    proxy().rate(2_000_000)
    const terminal = await startTerminal(["cp", "large.bin", url("large.bin")], { cwd, env }, { columns: 200 })
    await terminal.shows(/Copying [█░]{24} \d+ MB of 60 MB/)
    await begun()
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(130)
    expect(terminal.screen()).toContain("Copied 0 files, 0 B, before it was stopped. Nothing is half-written.")
    expect(await bucket().openUploads()).toEqual([])
    expect(await keys()).toEqual([])
  })

  it("leave nothing of an upload that was ended while nothing moved, once the connection is back", async () => {
    const { cwd, env, url, large, keys } = slow()
    large("large.bin")
    proxy().rate(4_000_000)
    const running = await startCommand(["cp", "large.bin", url("large.bin")], { cwd, env })
    await begun()
    proxy().freeze()
    const ended = interrupted(running)
    await running.writes(({ stderr }) => stderr.includes("Stopping"))
    proxy().clear()
    expect(await ended).toContain("Stopping: what is under way is cancelled.")
    expect(await bucket().openUploads()).toEqual([])
    expect(await keys()).toEqual([])
  })

  it("are let go of at once by a second Ctrl-C", async () => {
    const { cwd, env, url, large } = slow()
    large("large.bin")
    proxy().rate(4_000_000)
    const running = await startCommand(["cp", "large.bin", url("large.bin")], { cwd, env })
    await begun()
    proxy().freeze()
    running.process.kill("SIGINT")
    await running.writes(({ stderr }) => stderr.includes("Stopping"))
    // Sooner it would be the same press.
    await wait(500)
    running.process.kill("SIGINT")
    expect((await running.ended).exitCode).toBe(130)
  })

  it("are whole where a synchronisation was ended, which goes on when it is started again", async () => {
    const { cwd, env, url, large, keys, run } = slow()
    mkdirSync(`${cwd}/large`)
    const names = ["0.bin", "1.bin", "2.bin"]
    for (const name of names) large(`large/${name}`)
    proxy().rate(20_000_000)
    const args = ["sync", "--verbose", "--concurrency", "1", "--compare", "size", "./large", url("copies")]
    const running = await startCommand(args, { cwd, env })
    await running.writes(({ stderr }) => stderr.includes("copied: 0.bin"))
    const stderr = await interrupted(running)
    expect(stderr).toMatch(/Copied 1 file \(60 MB\) before it was stopped.*The same command again goes on/)
    expect(await keys()).toEqual(["copies/0.bin"])
    expect(await bucket().openUploads()).toEqual([])
    proxy().clear()
    expect((await run(...args)).stdout).toBe("Copied 2 files (120 MB), 1 was the same.\n")
    expect(await keys()).toEqual(names.map((name) => `copies/${name}`))
  })

  it("leave no temporary file of a download that Ctrl-C ends", async () => {
    const { cwd, env, url, large, run } = slow()
    large("large.bin")
    await run("cp", "large.bin", url("large.bin"))
    proxy().rate(2_000_000)
    proxy().resetCounts()
    const running = await startCommand(["cp", url("large.bin"), "./downloads/"], { cwd, env })
    await until(() => proxy().counts().bytesDown > 200_000)
    expect(existsSync(`${cwd}/downloads/.node-storages/tmp`)).toBe(true)
    expect(await interrupted(running)).toContain("Nothing is half-written")
    expect(filesOf(`${cwd}/downloads`)).toEqual({})
    expect(existsSync(`${cwd}/downloads/.node-storages`)).toBe(false)
  })
})
