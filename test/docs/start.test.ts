import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { S3Storage } from "@node-storages/s3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { builtCommand } from "../cli/built.ts"
import { PATIENCE } from "../patience.ts"
import { type CodeBlock, parseDocument, ROOT } from "./markdown.ts"
import { provided } from "../servers/provided.ts"

const GUIDE = "docs/start.md"
const BUCKET = "acme-media"

const { blocks } = parseDocument(GUIDE, readFileSync(join(ROOT, GUIDE), "utf8"))
/** Before it the guide uses this machine only. */
const toS3 = blocks.findIndex(({ code }) => code.includes("npm install @node-storages/s3"))

/** A newcomer, who has npm, Node and this guide, and does what it says in an empty folder. */
class Reader {
  #folder: string
  readonly #tarballs: ReadonlyMap<string, string>
  readonly #environment: NodeJS.ProcessEnv

  constructor(folder: string, tarballs: ReadonlyMap<string, string>, environment: NodeJS.ProcessEnv) {
    this.#folder = folder
    this.#tarballs = tarballs
    this.#environment = environment
  }

  async follow({ info, code }: CodeBlock): Promise<string | undefined> {
    if (info[0] === "sh") return this.#type(code.join("\n"))
    if (info[0] !== "ts") return undefined
    const name = /^\/\/ ([\w.]+)$/.exec(code[0]!)![1]!
    await writeFile(join(this.#folder, name), `${code.join("\n")}\n`)
    return undefined
  }

  /** Runs the lines in a shell, which is in the folder where the last ones left it; answers with what they print. */
  #type(lines: string): string {
    const typed = lines.replace(
      /^npm install (\S+)$/m,
      (_, name: string) => `npm install ${this.#packed(name).join(" ")}`,
    )
    const place = join(dirname(this.#folder), "place")
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -e\n${typed}\npwd > "$PLACE"`], {
      cwd: this.#folder,
      encoding: "utf8",
      env: { ...this.#environment, PLACE: place },
      timeout: PATIENCE,
    })
    if (status !== 0) throw new Error(`${lines}\nended with ${status}:\n${stdout}\n${stderr}`)
    this.#folder = readFileSync(place, "utf8").trim()
    return stdout.trimEnd()
  }

  /** The tarballs of a package and of those of ours that it needs, in place of the registry's. */
  #packed(name: string, found: Set<string> = new Set()): string[] {
    const tarball = this.#tarballs.get(name)
    if (tarball === undefined) throw new Error(`${GUIDE} installs ${name}, which is not packed.`)
    found.add(tarball)
    const { stdout } = spawnSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" })
    const { dependencies = {} } = JSON.parse(stdout) as { dependencies?: Record<string, string> }
    const ours = Object.keys(dependencies).filter((each) => this.#tarballs.has(each))
    for (const each of ours) if (!found.has(this.#tarballs.get(each)!)) this.#packed(each, found)
    return [...found]
  }
}

/** Builds and packs all packages as they would be published. */
async function pack(destination: string): Promise<Map<string, string>> {
  await builtCommand()
  const script =
    `const { pack } = await import(${JSON.stringify(join(ROOT, "scripts/pack.mjs"))})\n` +
    `console.log(JSON.stringify([...pack(${JSON.stringify(destination)})]))`
  const args = ["--input-type=module", "-e", script]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" })
  if (status !== 0) throw new Error(`The packages can't be packed:\n${stdout}\n${stderr}`)
  return new Map(JSON.parse(stdout.trim().split("\n").at(-1)!) as [string, string][])
}

describe("docs/start.md, followed word for word in an empty folder", () => {
  const s3 = provided("s3")
  let folder: string
  let reader: Reader

  beforeAll(async () => {
    folder = await mkdtemp(join(realpathSync(tmpdir()), "node-storages-start-"))
    const tarballs = await pack(folder)
    // What this run has of its own; npm's configuration, which names the registry, is the reader's too.
    const own = /^(AWS_|VITEST|NODE_(OPTIONS|ENV)$|npm_(?!config_)|INIT_CWD)/
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
    if ("endpoint" in s3) {
      // Where the reader's bucket is, and whose it is: the guide leaves it to the AWS SDK to find this.
      environment["AWS_ENDPOINT_URL_S3"] = s3.endpoint
      environment["AWS_ACCESS_KEY_ID"] = s3.credentials.accessKeyId
      environment["AWS_SECRET_ACCESS_KEY"] = s3.credentials.secretAccessKey
    }
    environment["PATH"] = [dirname(process.execPath), environment["PATH"]].join(delimiter)
    for (const name of ["audit", "fund", "update_notifier"]) environment[`npm_config_${name}`] = "false"
    reader = new Reader(folder, tarballs, environment)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("has both halves: on this machine, and in S3", () => {
    expect(toS3).toBeGreaterThan(4)
    expect(blocks.filter(({ output }) => output !== undefined).length).toBe(3)
  })

  it("saves a file on this machine, and prints what is shown", async () => {
    for (const block of blocks.slice(0, toS3)) {
      const printed = await reader.follow(block)
      if (block.output !== undefined)
        expect({ line: block.line, printed }).toEqual({ line: block.line, printed: block.output })
    }
    expect(await readFile(join(folder, "my-app/media/notes/hello.txt"), "utf8")).toBe("Hello!")
    expect(existsSync(join(folder, "my-app/node_modules/@aws-sdk"))).toBe(false)
  })

  it.skipIf(!("endpoint" in s3))("saves it in S3 after one line was changed, and prints the same", async () => {
    if (!("endpoint" in s3)) return
    const { endpoint, credentials } = s3
    const storage = new S3Storage(BUCKET, { endpoint, region: s3.region, credentials, forcePathStyle: true })
    const client = new S3Client({ endpoint, region: s3.region, credentials, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
    try {
      for (const block of blocks.slice(toS3)) {
        const printed = await reader.follow(block)
        if (block.output !== undefined)
          expect({ line: block.line, printed }).toEqual({ line: block.line, printed: block.output })
      }
      expect(await storage.open("notes/hello.txt").text()).toBe("Hello!")
      expect((await Array.fromAsync(storage.list("notes"))).length).toBe(2)
    } finally {
      await storage.deleteMany((await Array.fromAsync(storage.list())).map(({ name }) => name))
      await client.send(new DeleteBucketCommand({ Bucket: BUCKET }))
      client.destroy()
    }
  })
})
