import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, it, onTestFinished, describe } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runCommand } from "./run-command.ts"
import { provided } from "../servers/provided.ts"

const SECRET = "RecognisableSecret/With+Signs0123456789"
const TOKEN = "RecognisableSessionToken0123456789"
const ACCOUNT_KEY = Buffer.from("RecognisableAccountKey0123456789").toString("base64")
const SAS = "sv=2024-11-04&sig=RecognisableSasSignature%3D&sp=r"
const SECRETS = [
  SECRET,
  encodeURIComponent(SECRET),
  TOKEN,
  ACCOUNT_KEY,
  encodeURIComponent(ACCOUNT_KEY),
  "RecognisableSasSignature",
  "RecognisablePassword",
]

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIARECOGNISABLE",
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_SESSION_TOKEN: TOKEN,
  AWS_REGION: "eu-west-1",
  DATABASE_PASSWORD: "RecognisablePassword",
}

/** A service that answers everything in one way, as far as it is told. */
async function service(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function expectNoSecret(args: readonly string[], env: Record<string, string>, exitCode: number): Promise<string> {
  let all = ""
  for (const more of [[], ["--json"], ["--verbose"], ["--json", "--verbose"]]) {
    const ended = await runCommand(["check", ...args, ...more], { cwd: appFolder(), env })
    const said = ended.stdout + ended.stderr
    for (const secret of SECRETS) expect(said).not.toContain(secret)
    expect(said).not.toMatch(/X-Amz-Signature=(?!…)/)
    expect([said, ended.exitCode]).toEqual([said, exitCode])
    all += said
  }
  return all
}

describe("no secret is printed", () => {
  it("of the environment and the URL, when nobody answers", async () => {
    const nobody = "http://127.0.0.1:1"
    await expectNoSecret([`s3://acme?endpoint=${nobody}&forcePathStyle=true`], CREDENTIALS, 1)
    const inUrl = `s3://KEY:${encodeURIComponent(SECRET)}@acme?endpoint=${nobody}&region=x`
    await expectNoSecret([inUrl], {}, 1)
    await expectNoSecret(["--storage", inUrl], {}, 1)
  })

  it("when the URL or an option is wrong", async () => {
    await expectNoSecret([`s3://KEY:${encodeURIComponent(SECRET)}@acme?regin=x`], {}, 1)
    await expectNoSecret([`azblob://acme?sasToken=${encodeURIComponent(SAS)}&endpoint=nothing`], {}, 1)
    await expectNoSecret([`azblob://acme?connectionString=${encodeURIComponent(`AccountKey=${ACCOUNT_KEY}`)}`], {}, 1)
  })

  it("by a service that says it back", async () => {
    const chatty = await service((request, response) => {
      const text = `You sent ${SECRET} with ${TOKEN} and ${ACCOUNT_KEY}: ${request.headers.authorization ?? ""} ${request.url ?? ""}`
      response.writeHead(403, { "content-type": "application/xml" })
      response.end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${text}</Message></Error>`)
    })
    const said = await expectNoSecret(
      [`s3://acme?endpoint=${chatty}&forcePathStyle=true`],
      { ...CREDENTIALS, AZURE_STORAGE_KEY: ACCOUNT_KEY },
      1,
    )
    expect(said).toContain("You sent … with …")
    await expectNoSecret(
      [`azblob://acme?endpoint=${chatty}/account`],
      { ...CREDENTIALS, AZURE_STORAGE_KEY: ACCOUNT_KEY, AZURE_STORAGE_ACCOUNT: "account" },
      1,
    )
    await expectNoSecret(
      [`azblob://acme?endpoint=${chatty}/account`],
      { ...CREDENTIALS, AZURE_STORAGE_SAS_TOKEN: SAS, ACME_STORAGE_KEY: ACCOUNT_KEY },
      1,
    )
  })

  it("of the configuration, when the storage can't be made", async () => {
    const cwd = appFolder({
      "storages.config.ts": `import { storageFromUrl } from "@node-storages/core"
        import "@node-storages/s3"
        export const storages = { get media() { return storageFromUrl(process.env.MEDIA_STORAGE) } }`,
    })
    const MEDIA_STORAGE = `s3://KEY:${encodeURIComponent(SECRET)}@acme?regoin=eu-west-1`
    const { stdout, stderr, exitCode } = await runCommand(["check", "--verbose"], { cwd, env: { MEDIA_STORAGE } })
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('Did you mean "region"?')])
    for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret)
  })

  const s3 = provided("s3")
  it.skipIf("reason" in s3)("when all goes well but the bucket", async () => {
    if ("reason" in s3) return
    const env = { ...CREDENTIALS, AWS_SESSION_TOKEN: "", AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId }
    await expectNoSecret([`s3://no-such-bucket-here?endpoint=${s3.endpoint}&forcePathStyle=true`], env, 1)
  })
})
