import type { SignedUpload } from "@node-storages/core"
import { corsHint } from "../hints.ts"
import { type Answer, ask, isAbsolute } from "../http.ts"
import { CheckProblem, type CheckContext, type CheckStep, ok, skipped } from "../step.ts"
import { requestOf } from "./urls.ts"

/**
 * What a page of another origin may do, by the requests that its browser would send. https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export const cors: CheckStep<CheckContext> = {
  name: "cors",
  doing: "asking what pages may do",
  needs: ["connection"],
  async run(context, signal) {
    const { origin, driver } = context
    if (origin === undefined) {
      return skipped("not asked", "--origin https://www.example.com tells whether its pages may upload and read.")
    }
    const [problems, allowed] = [[] as string[], [] as string[]]
    const note = (what: string, missing: readonly string[]): void => {
      if (missing.length === 0) allowed.push(what)
      else problems.push(`${what}: ${missing.join(", ")}`)
    }
    for (const told of await uploadsOf(context, signal)) {
      note(`upload by ${told.method}`, await missingForUpload(told, origin, signal))
    }
    const address = await addressOf(context, signal)
    if (address !== undefined) {
      note("read", missingOrigin(await ask(address, { headers: { origin }, signal }), origin))
    }
    if (problems.length > 0) {
      throw new CheckProblem("cors", `pages of ${origin} may not ${problems.join("; not ")}`, corsHint(driver, origin))
    }
    return allowed.length === 0
      ? skipped("the storage has no URLs that pages use")
      : ok(`pages of ${origin} may ${allowed.join(" and ")}`)
  },
}

/** One of each way in, of a storage that takes uploads. */
async function uploadsOf(
  { storage, driver, files, readOnly }: CheckContext,
  signal: AbortSignal,
): Promise<SignedUpload[]> {
  if (driver?.signedUpload === undefined || readOnly || files.written.length === 0) return []
  const found = new Map<string, SignedUpload>()
  for (const limits of [{}, { maxSize: 1024 }]) {
    const told = await storage
      .signedUpload(files.add("cors.txt"), { contentType: "text/plain", ...limits, signal })
      .catch(() => undefined)
    if (told !== undefined && isAbsolute(told.url) && !found.has(told.method)) found.set(told.method, told)
  }
  return [...found.values()]
}

async function addressOf({ storage, files }: CheckContext, signal: AbortSignal): Promise<string | undefined> {
  const { sample } = files
  const address = sample && (await storage.url(sample.name, { signal }).catch(() => undefined))
  return address !== undefined && isAbsolute(address) ? address : undefined
}

/** A form is sent without asking first; whether the page learns what became of it, the answer tells. */
async function missingForUpload(told: SignedUpload, origin: string, signal: AbortSignal): Promise<string[]> {
  if (told.method === "POST") {
    const { headers, ...request } = await requestOf(told, Buffer.from("An upload of a page.\n"))
    return missingOrigin(await ask(told.url, { ...request, headers: { ...headers, origin }, signal }), origin)
  }
  const wanted = Object.keys(told.headers).map((name) => name.toLowerCase())
  const answer = await ask(told.url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "PUT",
      ...(wanted.length > 0 && { "access-control-request-headers": wanted.toSorted().join(",") }),
    },
    signal,
  })
  const missing = missingOrigin(answer, origin)
  if (answer.status < 200 || answer.status > 299) return [`the preflight is answered with ${answer.status}`, ...missing]
  const allows = (header: string, value: string): boolean => {
    const values = (answer.header(header) ?? "").split(",").map((each) => each.trim().toLowerCase())
    return values.includes("*") || values.includes(value.toLowerCase())
  }
  if (!allows("access-control-allow-methods", "PUT")) missing.push("Access-Control-Allow-Methods lacks PUT")
  for (const name of wanted) {
    if (!allows("access-control-allow-headers", name)) missing.push(`Access-Control-Allow-Headers lacks ${name}`)
  }
  return missing
}

function missingOrigin(answer: Answer, origin: string): string[] {
  const allowed = answer.header("access-control-allow-origin")
  if (allowed === undefined) return ["no Access-Control-Allow-Origin"]
  return allowed === "*" || allowed === origin ? [] : [`Access-Control-Allow-Origin is ${allowed}`]
}
