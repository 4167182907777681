import { queryOptions } from "@node-storages/core"
import { invalid } from "./options.ts"
import { SftpStorage } from "./sftp-storage.ts"

/** A folder below that of the login, as curl and others write it. */
const HOME = "/~/"

/**
 * `sftp://user@host:port/srv/media?privateKeyFile=/run/secrets/key&hostKey=SHA256:…`; `sftp://user@host/~/media` for a
 * folder below that of the login. `user:password@` where the password must be in the URL.
 */
export function storageOfUrl(url: URL): SftpStorage {
  const { hostKey, fileMode, directoryMode, ...options } = queryOptions(url, {
    location: "text",
    baseUrl: "text",
    privateKeyFile: "text",
    passphrase: "text",
    agent: "text",
    hostKey: "text",
    anyHostKey: "flag",
    answerTimeout: "duration",
    fileMode: "text",
    directoryMode: "text",
    pruneEmptyDirectories: "flag",
  })
  const path = decodeURIComponent(url.pathname)
  return new SftpStorage(path.startsWith(HOME) ? path.slice(HOME.length) || "." : path, {
    ...options,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    username: decodeURIComponent(url.username),
    ...(url.port !== "" && { port: Number(url.port) }),
    ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
    // A plus sign, which fingerprints are full of, is a space in a query.
    ...(hostKey !== undefined && { hostKey: hostKey.replace(/^SHA256:.*/, (print) => print.replaceAll(" ", "+")) }),
    ...(fileMode !== undefined && { fileMode: octal("fileMode", fileMode) }),
    ...(directoryMode !== undefined && { directoryMode: octal("directoryMode", directoryMode) }),
  })
}

function octal(name: string, mode: string): number {
  if (/^[0-7]{3,4}$/.test(mode)) return Number.parseInt(mode, 8)
  throw invalid(`the URL's parameter "${name}" must be octal, like 644`)
}
