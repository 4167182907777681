/**
 * Azure Blob Storage as Microsoft's emulator Azurite serves it, on loopback, in a process of its own; needs no root.
 *
 * What its clients must know:
 * - The account is the first segment of the path: `http://127.0.0.1:<port>/devstoreaccount1/<container>/<blob>`.
 * - Shared keys do not sign the host, so that it may be reached through a TCP proxy. It copies only from the host that the
 *   request came to.
 * - Tokens are taken over https only, and not verified: their claims must be in order.
 */
import { writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { generate } from "selfsigned"
import { PATIENCE } from "../patience.ts"
import { freePort, isFree } from "./free-port.ts"
import { ProcessGroup } from "./process-group.ts"

const require = createRequire(import.meta.url)

/** The emulator's well-known account, which is no secret. */
const ACCOUNT = {
  accountName: "devstoreaccount1",
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
}

/** What a client needs to reach an account. Serialisable, so that it can be handed to test workers. */
export interface AzureConnection {
  /** The account's URL, without a slash at its end. */
  endpoint: string
  accountName: string
  accountKey: string
  /** In PEM, what a client of an https endpoint must trust. */
  certificate?: string
}

export interface AzureServer extends AzureConnection {
  /** Ends the service and removes what it stored on this machine. May be called more than once. */
  stop(): Promise<void>
}

export interface AzuriteOptions {
  /** Serves https with a certificate of its own, and takes tokens. Default: false. */
  https?: boolean
  /** Keeps the blobs in a temporary folder, for more than memory holds. Default: false. */
  onDisk?: boolean
}

/** @throws Error when it does not start in time, with what it wrote last */
export async function startAzurite(options: AzuriteOptions = {}): Promise<AzureServer> {
  for (let attempts = 1; ; attempts++) {
    const port = await freePort()
    try {
      return await startOnce(port, options)
    } catch (error) {
      // Somebody else may take a port between its choice and its use.
      if (attempts < 3 && !(await isFree(port))) continue
      throw error
    }
  }
}

/** The part of a server that can cross to another process. */
export function azureConnectionOf({ endpoint, accountName, accountKey, certificate }: AzureServer): AzureConnection {
  return { endpoint, accountName, accountKey, ...(certificate !== undefined && { certificate }) }
}

async function startOnce(port: number, { https = false, onDisk = false }: AzuriteOptions): Promise<AzureServer> {
  const group = new ProcessGroup("node-storages-azurite-")
  try {
    const tls = https ? await writeCertificate(group.folder) : undefined
    group.start("azurite", [
      process.execPath,
      require.resolve("azurite/dist/src/blob/main.js"),
      "--blobHost=127.0.0.1",
      `--blobPort=${port}`,
      ...(onDisk ? ["--location", group.folder] : ["--inMemoryPersistence"]),
      ...(tls ? ["--oauth", "basic", "--cert", tls.certificateFile, "--key", tls.keyFile] : []),
      // It is older than the SDK, and would refuse the version that the SDK asks for.
      "--skipApiVersionCheck",
      "--disableTelemetry",
      "--silent",
    ])
    const limit = AbortSignal.timeout(PATIENCE)
    await Promise.race([group.failure, listening(group, limit)])
    const endpoint = `http${https ? "s" : ""}://127.0.0.1:${port}/${ACCOUNT.accountName}`
    return { endpoint, ...ACCOUNT, ...(tls && { certificate: tls.certificate }), stop: () => group.stop() }
  } catch (error) {
    const lastLines = group.lastLines()
    await group.stop()
    throw new Error(`Azurite did not start: ${(error as Error).message}\n${lastLines}`.trimEnd(), { cause: error })
  }
}

/** Its own word, as at its port somebody else may answer. */
async function listening(group: ProcessGroup, limit: AbortSignal): Promise<void> {
  while (!group.lastLines().includes("successfully listen")) {
    limit.throwIfAborted()
    await delay(20)
  }
}

async function writeCertificate(folder: string) {
  const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  })
  const [certificateFile, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
  await Promise.all([writeFile(certificateFile, cert), writeFile(keyFile, key, { mode: 0o600 })])
  return { certificate: cert, certificateFile, keyFile }
}
