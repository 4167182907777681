/** Variables whose values are secrets, by the words that services and people name them with. */
const SECRET_VARIABLE =
  /SECRET|PASSWORD|PASSWD|TOKEN|SAS$|CONNECTION_STRING|SIGNING|(?:ACCESS|ACCOUNT|STORAGE|API|PRIVATE)_?KEYS?$/i

/** Parameters of storage URLs and of signed URLs that are secrets, or sign for one. */
const SECRET_PARAMETER =
  /\b(x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|signature|sig|sasToken|connectionString|token)=[^\s&"'`]+/gi

/** `s3://KEY:SECRET@bucket`, also where its colon was forgotten. */
const CREDENTIALS_OF_URL = /\b([a-z][a-z\d+.-]*:?\/\/)[^\s/?#@"'`]*:[^\s/?#@"'`]*@/gi

/** Parts of an Azure connection string that are secrets. */
const SECRET_PART = /(?:AccountKey|SharedAccessSignature)=([^;]+)/gi

/** Shorter values are words of other texts too. */
const SHORTEST = 6

/**
 * A text without the secrets of the environment and of the command line, and without the signatures of URLs. Errors are
 * written without secrets; what a service or somebody else's library says passes through here.
 */
export function redacted(text: string): string {
  let shown = text.replace(CREDENTIALS_OF_URL, "$1…@").replace(SECRET_PARAMETER, "$1=…")
  for (const secret of secrets()) shown = shown.replaceAll(secret, "…")
  return shown
}

/** The longest first: one may be a part of another. */
function secrets(): string[] {
  const found = new Set<string>()
  const add = (value: string): void => {
    if (value.length < SHORTEST) return
    found.add(value)
    found.add(encodeURIComponent(value))
  }
  for (const [name, value = ""] of Object.entries(process.env)) {
    if (SECRET_VARIABLE.test(name)) add(value)
    for (const [, part = ""] of value.matchAll(SECRET_PART)) add(part)
    addPassword(value, add)
  }
  for (const argument of process.argv) addPassword(argument, add)
  return [...found].toSorted((one, other) => other.length - one.length)
}

function addPassword(text: string, add: (value: string) => void): void {
  if (!text.includes("://") || !URL.canParse(text)) return
  const { password, searchParams } = new URL(text)
  add(decoded(password))
  for (const name of ["sasToken", "connectionString"]) add(searchParams.get(name) ?? "")
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
