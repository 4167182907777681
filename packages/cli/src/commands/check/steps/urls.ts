import type { StorageDriver } from "@node-storages/core"
import { privateHint, publicHint } from "../hints.ts"
import { ask, isAbsolute, sameBytes, shownUrl, statusOf } from "../http.ts"
import { CheckProblem, type CheckContext, type CheckStep, ok, skipped } from "../step.ts"

const NO_URLS =
  "Set baseUrl to the address where its files are served, or let the app deliver them with serveStorage()."

/** In milliseconds. */
const HOUR = 3_600_000

/** The URL that the app gives to browsers: it gives the bytes, by real HTTP. */
export const url: CheckStep<CheckContext> = {
  name: "url",
  doing: "fetching the file by its URL",
  needs: ["connection"],
  async run({ storage, driver, files }, signal) {
    const { sample } = files
    if (sample?.bytes === undefined) return skipped("there is no file to fetch")
    if (!hasUrls(driver)) return skipped("the storage has no URLs", NO_URLS)
    const address = await storage.url(sample.name, { signal })
    const isPublic = publicUrlOf(storage, sample.name) !== undefined
    if (!isAbsolute(address)) return skipped(relative(address))
    const kind = isPublic ? "public" : "signed"
    const answer = await ask(address, { signal })
    const shown = shownUrl(address)
    if (answer.status !== 200) {
      throw new CheckProblem(
        isPublic ? "not-public" : "signature-refused",
        `the ${kind} URL ${shown} is answered with ${statusOf(answer)}`,
        isPublic ? publicHint(driver) : servedBy(driver),
      )
    }
    if (!sameBytes(sample.bytes, answer.body)) {
      throw new CheckProblem(
        "bytes-differ",
        `the ${kind} URL ${shown} gives other bytes: is it the address of this storage?`,
      )
    }
    return ok(`the ${kind} URL gives the bytes: ${shown}`)
  },
}

/** A private storage whose bucket is open is a leak that nothing else shows. */
export const privacy: CheckStep<CheckContext> = {
  name: "privacy",
  doing: "fetching the file without a signature",
  needs: ["url"],
  async run({ storage, driver, files }, signal) {
    const { name } = files.sample!
    if (publicUrlOf(storage, name) !== undefined) return ok("its URLs are public, and so are its files")
    const address = shownUrl(await storage.url(name, { signal }))
    const answer = await ask(address, { signal })
    if (answer.status < 400) {
      throw new CheckProblem(
        "readable-by-anybody",
        `anybody can read ${address} without a signature, although the storage's URLs are signed`,
        privateHint(driver),
      )
    }
    const expired = await driver?.signedUrl?.(name, { signedAt: new Date(Date.now() - HOUR), expiresIn: 60, signal })
    if (expired === undefined) return ok(`nobody reads it without a signature: ${statusOf(answer)}`)
    const late = await ask(expired, { signal })
    if (late.status >= 400)
      return ok(`without a signature ${statusOf(answer)}, with one that has expired ${statusOf(late)}`)
    throw new CheckProblem("expired-signature", `a signature that expired an hour ago still opens ${address}`)
  },
}

export const upload: CheckStep<CheckContext> = {
  name: "upload",
  doing: "uploading as a browser does",
  needs: ["write"],
  async run({ storage, driver, files }, signal) {
    if (driver?.signedUpload === undefined)
      return skipped("the storage takes no direct uploads: they pass through the app")
    const bytes = Buffer.from("An upload of a browser.\n")
    const done: string[] = []
    for (const [file, limits] of [
      ["upload.txt", {}],
      ["form.txt", { maxSize: 1024 }],
    ] as const) {
      const name = files.add(file)
      const told = await storage
        .signedUpload(name, { contentType: "text/plain", ...limits, signal })
        .catch((error: unknown) => {
          // A largest size needs a form, which not every service takes: it says so, and apps are told the same.
          if ((error as { code?: unknown }).code === "unsupported" && "maxSize" in limits) return undefined
          throw error
        })
      if (told === undefined || done.includes(told.method)) continue
      if (!isAbsolute(told.url)) return skipped(relative(told.url))
      const answer = await ask(told.url, { signal, ...(await requestOf(told, bytes)) })
      if (answer.status < 200 || answer.status > 299) {
        throw new CheckProblem(
          "upload-refused",
          `the signed ${told.method} to ${shownUrl(told.url)} is answered with ${statusOf(answer)}`,
          told.method === "POST" && driver.name === "s3"
            ? "Where the service takes no form uploads, set postUploads: false."
            : servedBy(driver),
        )
      }
      if (!sameBytes(bytes, await storage.open(name, { signal }).bytes())) {
        throw new CheckProblem("bytes-differ", `what the signed ${told.method} has stored is not what was sent`)
      }
      done.push(told.method)
    }
    return ok(
      done.length === 1
        ? `a signed ${done[0]} stores what is sent`
        : "a signed PUT and a signed POST store what is sent",
    )
  },
}

interface Told {
  readonly method: "PUT" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, string>>
}

/** The request that a browser would send. */
export async function requestOf(
  { method, headers, fields }: Told,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ method: string; headers: Record<string, string>; body: Uint8Array }> {
  const length = (body: Uint8Array): string => String(body.byteLength)
  if (method === "PUT") return { method, headers: { ...headers, "content-length": length(bytes) }, body: bytes }
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append("file", new Blob([bytes], { type: "text/plain" }), "check.txt")
  const encoded = new Response(form)
  const body = new Uint8Array(await encoded.arrayBuffer())
  const type = encoded.headers.get("content-type")!
  return { method, headers: { ...headers, "content-type": type, "content-length": length(body) }, body }
}

function hasUrls(driver: StorageDriver | undefined): boolean {
  return driver === undefined || driver.publicUrl !== undefined || driver.signedUrl !== undefined
}

/** The public URL, or undefined where the storage's URLs are signed. */
function publicUrlOf(storage: CheckContext["storage"], name: string): string | undefined {
  try {
    return storage.publicUrl(name)
  } catch {
    return undefined
  }
}

/** A storage of this machine is served by the app, which may not run. */
function servedBy(driver: StorageDriver | undefined): string | undefined {
  return (
    driver?.checkSigned &&
    "Such URLs are answered by the app: it must run at baseUrl, with serveStorage() and the same keys."
  )
}

export function relative(address: string): string {
  return `${shownUrl(address)} is an address of the app, which this command does not know`
}
