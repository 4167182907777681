import { readFile } from "node:fs/promises"
import { Socket } from "node:net"
import { abortError, StorageError } from "@node-storages/core"
import { defined, isNetworkError, orAborted } from "@node-storages/core/adapter"
import ssh2, { type Client, type ClientErrorExtensions, type ServerHostKeyAlgorithm, type SFTPWrapper } from "ssh2"
import { SftpError } from "./errors.ts"
import { fingerprintOf } from "./host-key.ts"
import { checkPrivateKey, type ConnectionSettings, invalid } from "./options.ts"
import { Session } from "./session.ts"

/** How long it may take until the login is done, in milliseconds. */
const CONNECT_LIMIT = 20_000
/** How long a connection has to end politely, in milliseconds. */
const CLOSE_LIMIT = 1000

interface Live {
  readonly client: Client
  readonly socket: Socket
  readonly closed: Promise<void>
}

/**
 * One connection, made when it is first needed and again after it was lost. It keeps the process alive only while an
 * answer is awaited.
 */
export class Connection {
  readonly #settings: ConnectionSettings
  #opening: Promise<Session> | undefined
  #live: Live | undefined

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** @throws SftpError, or StorageError where the settings are wrong */
  session(signal: AbortSignal | undefined): Promise<Session> {
    if (this.#opening === undefined) {
      const opening = this.#open(() => {
        if (this.#opening === opening) this.#opening = undefined
      })
      this.#opening = opening
      opening.catch(() => {})
    }
    return orAborted(this.#opening, signal, (aborted) => abortError(aborted, "connect"))
  }

  /** What is under way fails. A later call connects again. */
  async close(): Promise<void> {
    const live = this.#live
    this.#opening = undefined
    this.#live = undefined
    if (live === undefined) return
    // While it is idle it keeps nobody waiting; now somebody waits for its end.
    live.socket.ref()
    live.client.end()
    const timer = setTimeout(() => live.socket.destroy(), CLOSE_LIMIT)
    await live.closed
    clearTimeout(timer)
  }

  /** @param onLost is called once, when the connection can't be used (any more) */
  async #open(onLost: () => void): Promise<Session> {
    try {
      const privateKey = await this.#privateKey()
      return await this.#connect(privateKey, onLost)
    } catch (error) {
      onLost()
      throw error
    }
  }

  #connect(privateKey: string | undefined, onLost: () => void): Promise<Session> {
    const { host, port, username, password, passphrase, agent, hostKeys, answerTimeout } = this.#settings
    const { promise, resolve, reject } = Promise.withResolvers<Session>()
    const closed = Promise.withResolvers<void>()
    const client = new ssh2.Client()
    const socket = new Socket()
    const live = { client, socket, closed: closed.promise }
    this.#live = live
    let session: Session | undefined
    let failure: Error | undefined
    let shown = ""

    const lose = (error: Error): void => {
      failure ??= error
      reject(failure)
      session?.lose(new SftpError(failure.message, undefined, undefined, failure))
      onLost()
      socket.destroy()
    }
    client.on("error", (error: Error & ClientErrorExtensions) => {
      // An agent that does not answer is one way to log in less: the others are tried.
      if (error.level !== "agent") lose(shown === "" ? connectionError(error) : this.#wrongServer(shown))
    })
    client.on("close", () => {
      lose(new SftpError("the connection was closed", undefined))
      if (this.#live === live) this.#live = undefined
      closed.resolve()
    })
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) => {
      // One hidden question is the one for the password; anything else must not get it.
      const [prompt] = prompts
      finish(prompts.length === 1 && prompt?.echo === false && password !== undefined ? [password] : [])
    })
    client.on("ready", () => {
      client.sftp((error, sftp) => {
        if (error)
          return lose(new SftpError(`no SFTP on this server: ${error.message}`, undefined, "unsupported", error))
        this.#listen(sftp, lose)
        const onBusy = (busy: boolean): void => {
          if (busy) socket.ref().setTimeout(answerTimeout)
          else socket.unref().setTimeout(0)
        }
        onBusy(false)
        session = Session.start(sftp, onBusy)
        resolve(session)
      })
    })
    socket.on("timeout", () => lose(new SftpError(`no answer for ${answerTimeout / 1000} s`, undefined)))
    socket.setNoDelay(true).connect({ host, port })
    try {
      client.connect({
        sock: socket,
        username,
        ...defined({ password, privateKey, passphrase, agent }),
        tryKeyboard: password !== undefined,
        readyTimeout: CONNECT_LIMIT,
        ...(hostKeys?.algorithms && { algorithms: { serverHostKey: hostKeys.algorithms as ServerHostKeyAlgorithm[] } }),
        hostVerifier: (key: Buffer): boolean => {
          const fingerprint = fingerprintOf(key)
          if (hostKeys === undefined || hostKeys.fingerprints.has(fingerprint)) return true
          shown = fingerprint
          return false
        },
      })
    } catch (error) {
      lose(error as Error)
    }
    return promise
  }

  #listen(sftp: SFTPWrapper, lose: (error: Error) => void): void {
    const gone = (): void => lose(new SftpError("the server ended SFTP", undefined))
    sftp.on("error", (error: Error) => lose(new SftpError(error.message, undefined, undefined, error)))
    sftp.on("end", gone).on("close", gone)
  }

  async #privateKey(): Promise<string | undefined> {
    const { privateKey, privateKeyFile, passphrase } = this.#settings
    if (privateKeyFile === undefined) return privateKey
    let text: string
    try {
      text = await readFile(privateKeyFile, "utf8")
    } catch (error) {
      throw invalid(`privateKeyFile can't be read: ${(error as Error).message}`)
    }
    checkPrivateKey(text, passphrase, `privateKeyFile ${privateKeyFile}`)
    return text
  }

  #wrongServer(shown: string): StorageError {
    const { host, port, hostKeys } = this.#settings
    return new StorageError(
      "unauthenticated",
      `${host}:${port} showed the host key ${shown}, and hostKey knows only ${[...hostKeys!.fingerprints].join(", ")}. ` +
        `Nothing was sent to it. It is another server, or one with a new key: ask who runs it before you change hostKey.`,
    )
  }
}

function connectionError(error: Error & ClientErrorExtensions): SftpError {
  const { level, message } = error
  if (level === "client-authentication") return new SftpError(message, undefined, "unauthenticated", error)
  // No algorithm in common: the same again leads nowhere.
  if (/no matching/i.test(message) && !isNetworkError(error)) {
    return new SftpError(message, undefined, "unsupported", error)
  }
  return new SftpError(message, undefined, "network", error)
}
