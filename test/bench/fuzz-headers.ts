import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import fc from "fast-check"
import { nodeHandler, serveStorage } from "@node-storages/http"
import { type FuzzSite, fuzzSite } from "../http/fuzz-site.ts"
import { type HeaderSet, headerSets } from "../http/header-sets.ts"
import { wrongWith } from "../http/oracle.ts"
import { parseResponse } from "../http/raw-client.ts"
import type { Row } from "./table.ts"

const OF_WEB = 900_000
const OF_NODE = 150_000
/** How many are made at a time, of one seed. */
const BATCH = 10_000
/** Every so many answers are read and judged; the others must only be there. */
const JUDGED = 10

interface Result {
  readonly statuses: Map<number, number>
  judged: number
  wrong: number
  crashes: number
}

/** A million and more generated header sets against both handlers: none may make them throw, or answer with a 5xx. */
export async function fuzzHeaders(): Promise<Row[]> {
  const made = await fuzzSite()
  const unheard: unknown[] = []
  const listener = (error: unknown) => void unheard.push(error)
  process.on("unhandledRejection", listener).on("uncaughtException", listener)
  try {
    const rows = [
      await run("serveStorage", OF_WEB, made, await webAnswers(made)),
      await run("nodeHandler, over a connection", OF_NODE, made, await nodeAnswers(made)),
    ]
    if (unheard.length > 0) throw new Error("An error was not handled.", { cause: unheard[0] })
    return rows
  } finally {
    process.off("unhandledRejection", listener).off("uncaughtException", listener)
  }
}

/** Asks for all sets of a batch. */
type Answers = (sets: readonly HeaderSet[], result: Result) => Promise<void>

async function run(what: string, count: number, { known }: FuzzSite, answers: Answers): Promise<Row> {
  const arbitrary = headerSets(known)
  const result: Result = { statuses: new Map(), judged: 0, wrong: 0, crashes: 0 }
  const start = performance.now()
  let spent = 0
  for (let done = 0; done < count; done += BATCH) {
    const sets = fc.sample(arbitrary, { numRuns: BATCH, seed: count + done })
    const begun = performance.now()
    await answers(sets, result)
    spent += performance.now() - begun
  }
  const counts = [...result.statuses].toSorted(([one], [other]) => one - other)
  return {
    what,
    "header sets": count,
    "a second": Math.round((count / spent) * 1000),
    seconds: ((performance.now() - start) / 1000).toFixed(0),
    crashes: result.crashes,
    judged: result.judged,
    wrong: result.wrong,
    statuses: counts.map(([status, times]) => `${status}: ${times}`).join(", "),
  }
}

function note(set: HeaderSet, status: number, result: Result): void {
  result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1)
  if (status < 500) return
  result.crashes++
  console.error(status, JSON.stringify(set))
}

function judge(set: HeaderSet, reason: string | undefined, result: Result): void {
  result.judged++
  if (reason === undefined) return
  result.wrong++
  console.error(reason, JSON.stringify(set))
}

async function webAnswers({ storage, options, site }: FuzzSite): Promise<Answers> {
  const handle = serveStorage(storage, { ...options, cache: true })
  return async (sets, result) => {
    for (const [index, set] of sets.entries()) {
      const { method, path, headers } = set
      try {
        const response = await handle(new Request(`http://localhost${path}`, { method, headers }))
        note(set, response.status, result)
        if (index % JUDGED > 0) continue
        const body = Buffer.from(await response.arrayBuffer())
        const answer = { status: response.status, headers: Object.fromEntries(response.headers), body }
        judge(set, wrongWith(set, answer, site), result)
      } catch (error) {
        result.crashes++
        console.error(error, JSON.stringify(set))
      }
    }
  }
}

async function nodeAnswers({ storage, options, site }: FuzzSite): Promise<Answers> {
  return async (sets, result) => {
    const handler = nodeHandler(storage, { ...options, cache: true })
    const server = createServer((request, response) => void handler(request, response))
    await once(server.listen(0, "127.0.0.1"), "listening")
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay()
    try {
      for (const set of sets) {
        const answer = parseResponse(await exchangeOn(socket, set), set.method)
        note(set, answer.status, result)
        judge(set, wrongWith(set, answer, site), result)
      }
    } finally {
      socket.destroy()
      server.close()
    }
  }
}

/** One request on a connection that stays open: the answer is over when it is as long as its head says. */
function exchangeOn(socket: Socket, { method, path, headers }: HeaderSet): Promise<Buffer> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const onClose = () => reject(new Error(`The connection broke at ${method} ${path} ${JSON.stringify(headers)}`))
    socket.on("close", onClose)
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks)
      if (all.indexOf("\r\n\r\n") === -1 || !parseResponse(all, method).isWhole) return
      socket.off("data", onData).off("close", onClose)
      resolve(all)
    }
    socket.on("data", onData)
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${lines.join("")}\r\n`, "latin1")
  })
}
