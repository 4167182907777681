import { posix } from "node:path"
import {
  checkOptions,
  type Duration,
  type OptionNames,
  seconds,
  STORAGE_OPTIONS,
  StorageError,
  type StorageOptions,
} from "@node-storages/core"
import { wholeNumber } from "@node-storages/core/adapter"
import ssh2 from "ssh2"
import { type HostKeys, readHostKeys } from "./host-key.ts"

/** Where the storage keeps files in the making: at its root. */
export const RESERVED = ".storages-sftp"

export interface SftpStorageOptions extends StorageOptions {
  /** Name or address of the server. */
  readonly host: string
  /** Default: 22. */
  readonly port?: number | undefined
  /** Who logs in. */
  readonly username: string
  /** Answers also a server that asks for it on a prompt (keyboard-interactive). */
  readonly password?: string | undefined
  /** A private key as text, in the format of OpenSSH or PEM. */
  readonly privateKey?: string | undefined
  /** A file of this machine with a private key. It is read for each connection, so that it can be replaced. */
  readonly privateKeyFile?: string | undefined
  /** Opens a private key that is encrypted. */
  readonly passphrase?: string | undefined
  /** The socket of an SSH agent: `process.env.SSH_AUTH_SOCK`. */
  readonly agent?: string | undefined
  /** The server's key or keys: fingerprints (`SHA256:…`), or keys as in `known_hosts` (`ssh-ed25519 AAAA…`). */
  readonly hostKey?: string | readonly string[] | undefined
  /** Whether any server is believed to be the right one. Only for a network that nobody else is in. Default: false. */
  readonly anyHostKey?: boolean | undefined
  /**
   * How long the server may be silent while its answer is awaited; then the connection counts as lost. Default: 1 minute.
   */
  readonly answerTimeout?: Duration | undefined
  /** Permissions of new files, set whatever the server's umask: `0o644`. Default: what the umask leaves of `0o666`. */
  readonly fileMode?: number | undefined
  /** Permissions of new folders: `0o755`. Default: what the umask leaves of `0o777`. */
  readonly directoryMode?: number | undefined
  /** Whether folders that a delete or a move leaves empty are removed, up to the root. Default: false. */
  readonly pruneEmptyDirectories?: boolean | undefined
}

const SFTP_STORAGE_OPTIONS: OptionNames<SftpStorageOptions> = {
  ...STORAGE_OPTIONS,
  host: true,
  port: true,
  username: true,
  password: true,
  privateKey: true,
  privateKeyFile: true,
  passphrase: true,
  agent: true,
  hostKey: true,
  anyHostKey: true,
  answerTimeout: true,
  fileMode: true,
  directoryMode: true,
  pruneEmptyDirectories: true,
}

/** How to reach a server and log in. Holds secrets: never printed. */
export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string | undefined
  readonly privateKey: string | undefined
  readonly privateKeyFile: string | undefined
  readonly passphrase: string | undefined
  readonly agent: string | undefined
  /** Undefined: every host key is taken. */
  readonly hostKeys: HostKeys | undefined
  /** In milliseconds. */
  readonly answerTimeout: number
}

/** What files and folders are made with. */
export interface FolderSettings {
  readonly root: string
  readonly fileMode: number | undefined
  readonly directoryMode: number | undefined
  readonly prune: boolean
}

/** @throws StorageError `invalid-option`; no message shows a secret */
export function readOptions(
  root: string,
  options: SftpStorageOptions,
): { connection: ConnectionSettings; folder: FolderSettings; target: string } {
  checkOptions("SftpStorage", options, SFTP_STORAGE_OPTIONS)
  const { host, port = 22, username, fileMode, directoryMode, pruneEmptyDirectories = false } = options
  const path = checkedRoot(root)
  for (const name of ["host", "username"] as const) {
    if (typeof options[name] !== "string" || options[name] === "")
      throw invalid(`${name} must be a text, and is missing`)
  }
  for (const name of ["password", "privateKey", "privateKeyFile", "passphrase", "agent"] as const) {
    const value: unknown = options[name]
    if (value !== undefined && (typeof value !== "string" || value === "")) throw invalid(`${name} must be a text`)
  }
  for (const name of ["anyHostKey", "pruneEmptyDirectories"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "boolean")
      throw invalid(`${name} must be true or false`)
  }
  for (const name of ["fileMode", "directoryMode"] as const) {
    if (options[name] !== undefined) wholeNumber(`SftpStorage: ${name}`, options[name], 0, 0o7777)
  }
  if (options.location?.split(/[/\\]/)[0] === RESERVED) {
    throw invalid(`location ${JSON.stringify(options.location)} is where the storage keeps files in the making`)
  }
  wholeNumber("SftpStorage: port", port, 1, 65_535)
  const { password, privateKey, privateKeyFile, passphrase, agent } = options
  checkLogin(options)
  return {
    connection: {
      host,
      port,
      username,
      password,
      privateKey,
      privateKeyFile,
      passphrase,
      agent,
      hostKeys: known(options),
      answerTimeout: seconds(options.answerTimeout ?? "1m", "SftpStorage: answerTimeout") * 1000,
    },
    folder: { root: path, fileMode, directoryMode, prune: pruneEmptyDirectories },
    target: targetOf(username, host, port, path),
  }
}

function checkedRoot(root: unknown): string {
  if (typeof root !== "string" || root === "") {
    throw invalid('the root must be a path on the server, "/srv/media", or "media" below the folder of the login')
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(root)) throw invalid("the root holds control characters")
  const path = posix.normalize(root).replace(/(?<=.)\/$/, "")
  if (path.split("/")[0] === "..")
    throw invalid(`the root ${JSON.stringify(root)} leads out of the folder of the login`)
  return path
}

function checkLogin({ password, privateKey, privateKeyFile, passphrase, agent }: SftpStorageOptions): void {
  if (privateKey !== undefined && privateKeyFile !== undefined) {
    throw invalid("privateKey and privateKeyFile contradict each other")
  }
  if (password === undefined && privateKey === undefined && privateKeyFile === undefined && agent === undefined) {
    throw invalid("it has nothing to log in with; set privateKeyFile, privateKey, agent or password")
  }
  if (passphrase !== undefined && privateKey === undefined && privateKeyFile === undefined) {
    throw invalid("passphrase opens a private key, and there is none")
  }
  if (privateKey !== undefined) checkPrivateKey(privateKey, passphrase, "privateKey")
}

/** @throws StorageError `invalid-option`; the parser's messages tell formats, and nothing of the key */
export function checkPrivateKey(text: string, passphrase: string | undefined, option: string): void {
  const key = ssh2.utils.parseKey(text, passphrase)
  if (key instanceof Error) throw invalid(`${option} can't be read as a private key: ${key.message}`)
  if (!key.isPrivateKey()) throw invalid(`${option} is a public key, not a private one`)
}

function known({ hostKey, anyHostKey = false }: SftpStorageOptions): HostKeys | undefined {
  if (hostKey !== undefined && anyHostKey) throw invalid("hostKey and anyHostKey contradict each other")
  if (hostKey !== undefined) return readHostKeys(hostKey)
  if (anyHostKey) return undefined
  throw invalid(
    'hostKey is missing: without it nobody could tell the server from one that pretends to be it. Set the fingerprint that "ssh-keygen -lf" shows of the server\'s key, "SHA256:…"',
  )
}

/** For messages: without secrets. */
function targetOf(username: string, host: string, port: number, root: string): string {
  const address = `${host.includes(":") ? `[${host}]` : host}${port === 22 ? "" : `:${port}`}`
  return `sftp://${username}@${address}${root.startsWith("/") ? root : `/~/${root}`}`
}

export function invalid(problem: string): StorageError {
  return new StorageError("invalid-option", `SftpStorage: ${problem}.`)
}
