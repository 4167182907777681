import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ROOT } from "../docs/markdown.ts"
import { describeOnS3 } from "../s3/support.ts"
import { appFolder } from "./app-folder.ts"
import { runCheck } from "./check-report.ts"
import { runInOwnProcess } from "./command-process.ts"
import { CONFIG, newApp } from "./new-app.ts"
import { type Ended, runCommand } from "./run-command.ts"

async function init(cwd: string, ...args: string[]): Promise<{ ended: Ended; text: string }> {
  const ended = await runCommand(["init", ...args], { cwd })
  const file = [CONFIG, "storages.config.mts", "storages.config.js", "storages.config.mjs"].find((name) =>
    existsSync(join(cwd, name)),
  )
  return { ended, text: file === undefined ? "" : readFileSync(join(cwd, file), "utf8") }
}

/** The compiler's complaints about some files, with the strictest settings. */
function complaints(cwd: string, files: readonly string[]): string {
  const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")]
  const strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--noUnusedLocals"]
  const modules = ["--module", "nodenext", "--target", "es2024", "--verbatimModuleSyntax", "--erasableSyntaxOnly"]
  const options = ["--noEmit", ...types, ...strict, ...modules]
  return spawnSync(join(ROOT, "node_modules/.bin/tsc"), [...options, ...files], { cwd, encoding: "utf8" }).stdout
}

const VARIANTS: Readonly<Record<string, [args: string[], contains: string[]]>> = {
  "a folder": [
    ["--media", "local"],
    ['new LocalStorage("media")', "Private: the app delivers"],
  ],
  "a public folder": [
    ["--media", "local", "--public", "--media-url", "https://media.example.com/"],
    ['new LocalStorage("media", { baseUrl: "https://media.example.com/" })'],
  ],
  S3: [
    ["--media", "s3", "--media-bucket", "acme-media", "--region", "eu-west-1"],
    ['new S3Storage("acme-media", { region: "eu-west-1" })', "AWS_ACCESS_KEY_ID"],
  ],
  "public S3": [
    ["--media", "s3", "--media-bucket", "acme-media", "--region", "eu-west-1", "--public"],
    ['{ region: "eu-west-1", signedUrls: false }'],
  ],
  R2: [
    ["--media", "r2", "--media-bucket", "acme-media", "--account", "0123abcd"],
    ['{ ...r2({ accountId: "0123abcd" }) }'],
  ],
  MinIO: [
    ["--media", "minio", "--media-bucket", "acme-media", "--endpoint", "https://minio.example.com"],
    ['{ ...minio({ endpoint: "https://minio.example.com" }) }'],
  ],
  B2: [
    ["--media", "b2", "--media-bucket", "acme-media", "--region", "us-west-004"],
    ['...b2({ region: "us-west-004" })'],
  ],
  Spaces: [
    ["--media", "spaces", "--media-bucket", "acme-media", "--region", "fra1"],
    ['...spaces({ region: "fra1" })'],
  ],
  Wasabi: [
    ["--media", "wasabi", "--media-bucket", "acme-media", "--region", "eu-central-1"],
    ['...wasabi({ region: "eu-central-1" })'],
  ],
  "another S3-compatible service": [
    [
      "--media",
      "s3-compatible",
      "--media-bucket",
      "acme-media",
      "--endpoint",
      "https://s3.example.com",
      "--region",
      "x1",
    ],
    ['{ endpoint: "https://s3.example.com", forcePathStyle: true, region: "x1" }'],
  ],
  "Google Cloud Storage": [
    ["--media", "gcs", "--media-bucket", "acme-media"],
    ['new GCSStorage("acme-media")', "GOOGLE_APPLICATION_CREDENTIALS"],
  ],
  Azure: [
    ["--media", "azure", "--media-bucket", "media", "--account", "acme"],
    ['new AzureStorage("media", { accountName: "acme" })'],
  ],
  "S3 and static files in a folder": [
    [
      "--media",
      "s3",
      "--media-bucket",
      "acme-media",
      "--region",
      "eu-west-1",
      "--static",
      "local",
      "--sources",
      "assets",
    ],
    ['new LocalStorage("public/static", { baseUrl: "/static/" })', 'sources: ["assets"]'],
  ],
  "static files in a bucket": [
    [
      "--media",
      "local",
      "--static",
      "s3",
      "--static-bucket",
      "acme-static",
      "--region",
      "eu-west-1",
      "--static-url",
      "https://static.example.com/",
      "--sources",
      "web",
    ],
    ['contentEncoding: "gzip"', 'baseUrl: "https://static.example.com/"'],
  ],
}

describe("init", () => {
  it.each(Object.entries(VARIANTS))("writes a configuration for %s that loads", async (_title, [args, contains]) => {
    const cwd = newApp({ "assets/a.css": "a {}", "web/a.css": "a {}" })
    const { ended, text } = await init(cwd, "--static", "none", ...args)
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" })
    for (const part of contains) expect(text).toContain(part)
    expect(text).toMatch(/[^\n]\n$/)
    const loaded = await runCommand(["check", "--permissions"], { cwd })
    expect(loaded).toMatchObject({ exitCode: 0, stderr: "" })
    expect(loaded.stdout).toMatch(/^media {2}\w+:\/\//)
  })

  it("writes configurations that compile under the strictest settings", async () => {
    const cwd = newApp({ "tsconfig.json": "{}" })
    const files: string[] = []
    for (const [args] of Object.values(VARIANTS)) {
      const file = `config-${files.length}.ts`
      const { ended } = await init(cwd, "--static", "none", ...args, "--config", file)
      expect(ended.exitCode, ended.stderr).toBe(0)
      files.push(file)
    }
    rmSync(join(cwd, "tsconfig.json"))
    expect(complaints(cwd, files)).toBe("")
    expect(files).toHaveLength(Object.keys(VARIANTS).length)
  })

  it("makes a configuration that works as it is: files are listed, checked and collected", async () => {
    const cwd = newApp({ "media/a.txt": "a", "assets/a.css": "a {}" })
    const { ended, text } = await init(cwd, "--yes", "--js")
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" })
    expect(text).toContain("export const staticConfig")
    expect((await runCommand(["ls", "media:"], { cwd })).stdout).toBe("a.txt\n")
    expect((await runCommand(["collectstatic"], { cwd })).exitCode).toBe(0)
    const checked = await runCheck([], { cwd })
    expect([checked.exitCode, checked.reports.map(({ storage }) => storage)]).toEqual([
      0,
      ["media", "static", "static files"],
    ])
  })

  it("says what to install with the app's package manager, and what to do next", async () => {
    for (const [lockfile, install, next] of [
      ["pnpm-lock.yaml", "pnpm add", "pnpm exec storages check"],
      ["yarn.lock", "yarn add", "yarn storages check"],
      ["bun.lock", "bun add", "bunx storages check"],
      ["package-lock.json", "npm install", "npx storages check"],
    ] as const) {
      const cwd = newApp({ [lockfile]: "" })
      rmSync(join(cwd, "node_modules"))
      const args = ["--media", "s3", "--media-bucket", "acme-media", "--region", "eu-west-1", "--js"]
      const { ended } = await init(cwd, ...args)
      expect(ended.stdout).toBe(
        `Wrote storages.config.js.\nInstall: ${install} node-storages @node-storages/s3\nThen try it: ${next}\n`,
      )
    }
    const installed = await init(newApp(), "--yes", "--json")
    expect(JSON.parse(installed.ended.stdout)).toMatchObject({ packages: [], next: "npx storages check" })
  })

  it.each([
    [{}, [], "storages.config.js"],
    [{ "tsconfig.json": "{}" }, [], "storages.config.ts"],
    [{ "package.json": '{ "type": "module", "devDependencies": { "typescript": "6" } }' }, [], "storages.config.ts"],
    [{ "package.json": '{ "devDependencies": { "typescript": "6" } }' }, [], "storages.config.mts"],
    [{ "package.json": '{ "type": "commonjs" }' }, [], "storages.config.mjs"],
    [{ "tsconfig.json": "{}" }, ["--js"], "storages.config.js"],
  ])("names the file as Node takes it without a warning: %j %j gives %s", async (files, args, name) => {
    const cwd = newApp(files)
    const { ended } = await init(cwd, "--yes", ...args)
    expect(ended.stdout).toContain(`Wrote ${name}.`)
    // Node warns of a file whose type it has to guess once in a process.
    expect(await runInOwnProcess(["ls", "media:"], { cwd })).toEqual({ exitCode: 0, stdout: "", stderr: "" })
  })

  it.each([
    [[], "Nobody can be asked here"],
    [["--media", "s3"], "Add: --media-bucket acme-media --region eu-west-1"],
    [
      ["--media", "r2", "--media-bucket", "m1", "--account", "a", "--public"],
      "Add: --media-url https://media.example.com/",
    ],
    [["--media", "ftp"], "Allowed choices are local, s3"],
    [["--media", "s3", "--media-bucket", "a b", "--region", "x"], '--media-bucket "a b": It must be a name'],
    [
      ["--media", "minio", "--media-bucket", "m1", "--endpoint", "https://KEY:recognisable@minio.example.com"],
      "no credentials",
    ],
    [["--yes", "--public", "--private"], "cannot be used with"],
  ])("refuses %j with exit code 2, and writes nothing", async (args, message) => {
    const cwd = newApp()
    const { ended, text } = await init(cwd, ...args)
    expect([ended.exitCode, text, ended.stdout]).toEqual([2, "", ""])
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).not.toContain("recognisable")
  })

  it("never overwrites where nobody can be asked, not even with --yes", async () => {
    const cwd = appFolder()
    const before = readFileSync(join(cwd, CONFIG), "utf8")
    const { ended } = await init(cwd, "--yes")
    expect([ended.exitCode, readFileSync(join(cwd, CONFIG), "utf8")]).toEqual([4, before])
    expect(ended.stderr).toContain("storages.config.ts is there already")
  })
})

describeOnS3("init for S3", (bucket) => {
  it("makes a configuration that works with the environment of the service", async () => {
    const { endpoint, region, credentials } = bucket().connection
    const cwd = newApp()
    mkdirSync(join(cwd, "empty"))
    writeFileSync(
      join(cwd, ".env"),
      `AWS_ACCESS_KEY_ID=${credentials.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}\n`,
    )
    await init(cwd, "--media", "minio", "--media-bucket", bucket().name, "--endpoint", endpoint)
    const checked = await runCheck(["--env", ".env"], { cwd })
    expect([checked.named("failed"), checked.exitCode]).toEqual([[], 0])
    const other = newApp()
    await init(other, "--media", "s3", "--media-bucket", bucket().name, "--region", region)
    const env = {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }
    expect(await runCommand(["ls", "media:"], { cwd: other, env })).toEqual({ exitCode: 0, stdout: "", stderr: "" })
    const found = await runCheck([], { cwd: other, env })
    expect(found.named("failed")).toEqual([])
  })
})
