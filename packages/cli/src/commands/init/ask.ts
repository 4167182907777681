import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Asker } from "./askers.ts"
import { type Backend, BACKENDS, type Detail, type StorageChoice } from "./backends.ts"
import type { Choices } from "./config-source.ts"

/** What the flags said. */
export interface InitFlags {
  readonly media?: string
  readonly mediaBucket?: string
  readonly mediaUrl?: string
  readonly public?: boolean
  readonly private?: boolean
  readonly static?: string
  readonly staticBucket?: string
  readonly staticUrl?: string
  readonly sources?: string
  readonly region?: string
  readonly endpoint?: string
  readonly account?: string
}

/** Where apps keep their static files: the first that is there is proposed. */
const SOURCE_FOLDERS: readonly string[] = ["assets", "static", "src/assets"]

const NONE = "none"

/**
 * Finds out what the configuration is to hold: by flags, and by questions where there is somebody to ask.
 * @param folder of the app
 */
export async function choicesFor(asker: Asker, flags: InitFlags, folder: string): Promise<Choices> {
  const media = await storageFor(asker, flags, "media", await backendFor(asker, flags))
  const sourceFolder = SOURCE_FOLDERS.find((name) => existsSync(join(folder, name)))
  const files = await asker.choose(
    {
      flag: "--static",
      given: flags.static,
      message: "Are there static files (styles, scripts, images of the app itself)? Where shall they be published?",
      standard: sourceFolder === undefined && flags.sources === undefined ? NONE : "local",
    },
    [{ value: NONE, label: "no, there are none" }, ...backendChoices()],
  )
  if (files === NONE || files === "") return { media, static: undefined, sources: "" }
  const sources = await asker.text({
    flag: "--sources",
    given: flags.sources,
    message: "In which folder are the static files?",
    standard: sourceFolder ?? SOURCE_FOLDERS[0],
    problem: plain,
  })
  return { media, sources, static: await storageFor(asker, flags, "static", files) }
}

async function backendFor(asker: Asker, flags: InitFlags): Promise<string> {
  return await asker.choose(
    {
      flag: "--media",
      given: flags.media,
      message: "Where shall media be, the files that users upload?",
      standard: "local",
    },
    backendChoices(),
  )
}

function backendChoices(): { value: string; label: string }[] {
  return Object.entries(BACKENDS).map(([value, { title }]) => ({ value, label: title }))
}

async function storageFor(
  asker: Asker,
  flags: InitFlags,
  name: "media" | "static",
  backend: string,
): Promise<StorageChoice> {
  const told = BACKENDS[backend]!
  const isMedia = name === "media"
  const isLocal = backend === "local"
  const detail = async (wanted: Detail): Promise<string> =>
    told.asks.includes(wanted) ? await detailFor(asker, flags, name, told, wanted) : ""
  const bucket = await detail("bucket")
  const endpoint = await detail("endpoint")
  const region = await detail("region")
  const account = await detail("account")
  const isPublic = isMedia ? await isPublicFor(asker, flags) : true
  const url = isPublic
    ? await asker.text({
        flag: `--${name}-url`,
        given: isMedia ? flags.mediaUrl : flags.staticUrl,
        message: `At which address will ${name} files be served?${told.needsUrl === true || isLocal ? "" : " (empty: at that of the service)"}`,
        standard: isLocal ? `/${name}/` : told.needsUrl === true ? undefined : "",
        example: `https://${name}.example.com/`,
        problem: (answer) => addressProblem(answer, isLocal, told.needsUrl === true),
      })
    : ""
  return { backend, bucket, region, endpoint, account, isPublic, url }
}

async function isPublicFor(asker: Asker, { public: open, private: closed }: InitFlags): Promise<boolean> {
  const given = open === true ? "public" : closed === true ? "private" : undefined
  const answer = await asker.choose(
    { flag: "--public", given, message: "Who may read media files?", standard: "private" },
    [
      { value: "private", label: "only whom the app gives a URL: private" },
      { value: "public", label: "everybody: public" },
    ],
  )
  return answer === "public"
}

async function detailFor(
  asker: Asker,
  flags: InitFlags,
  name: "media" | "static",
  backend: Backend,
  wanted: Detail,
): Promise<string> {
  const isLocal = backend.class === "LocalStorage"
  switch (wanted) {
    case "bucket":
      return await asker.text({
        flag: `--${name}-bucket`,
        given: name === "media" ? flags.mediaBucket : flags.staticBucket,
        message: `Which ${backend.bucket} is for ${name} files?`,
        standard: isLocal ? (name === "media" ? "media" : "public/static") : undefined,
        example: `acme-${name}`,
        problem: isLocal ? plain : bucketProblem,
      })
    case "region":
      return await asker.text({
        flag: "--region",
        given: flags.region,
        message: `In which region is the ${backend.bucket}?`,
        example: backend.regionExample,
        problem: wordProblem,
      })
    case "endpoint":
      return await asker.text({
        flag: "--endpoint",
        given: flags.endpoint,
        message: "What is the address of the service?",
        example: backend.endpointExample,
        problem: (answer) => addressProblem(answer, false, true),
      })
    case "account":
      return await asker.text({
        flag: "--account",
        given: flags.account,
        message: `What is the ${backend.account ?? "account"}?`,
        example: "acme",
        problem: wordProblem,
      })
  }
}

function plain(answer: string): string | undefined {
  return answer.trim() === "" ? "It must not be empty." : undefined
}

function wordProblem(answer: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(answer) ? undefined : "It must be letters, digits and dashes."
}

function bucketProblem(answer: string): string | undefined {
  return /^[A-Za-z0-9][\w.-]{1,221}$/.test(answer) ? undefined : "It must be a name: letters, digits, dots and dashes."
}

function addressProblem(answer: string, mayBePath: boolean, needed: boolean): string | undefined {
  if (answer === "" && !needed) return undefined
  if (mayBePath && /^\/(?![/\\])/.test(answer)) return undefined
  const wanted = mayBePath ? "It must be a URL, or a path: /media/." : "It must be a URL: https://files.example.com."
  if (!/^https?:\/\//i.test(answer) || !URL.canParse(answer)) return wanted
  const { username, password, search } = new URL(answer)
  return username + password + search === ""
    ? undefined
    : "It must have no credentials and no query: the file holds no secrets."
}
