import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { StaticErrorCode } from "@node-storages/static"
import { expect } from "vitest"
import type { CollectSummary, CollectTask } from "../collect/collect-once.ts"

export interface DeployOptions {
  /** A command that runs the process, with its parameters. Default: none. */
  readonly through?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Deployed {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Collects in a process of its own, as a deploy script does. */
export function startDeploy(task: CollectTask, { through = [], env }: DeployOptions = {}) {
  const script = fileURLToPath(new URL("../collect/collect-once.ts", import.meta.url))
  const node = [process.execPath, "--conditions=node-storages-source", script, JSON.stringify(task)]
  const [program, ...parameters] = [...through, ...node] as [string, ...string[]]
  const child = spawn(program, parameters, { env: { ...process.env, ...env } })
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text))
  const ended = once(child, "close").then(([code]): Deployed => ({ code: code as number | null, output, errors }))
  return { child, ended }
}

/** @throws Error with what the process said when it failed */
export async function deploy(task: CollectTask, options?: DeployOptions): Promise<CollectSummary> {
  return summaryOf(await startDeploy(task, options).ended)
}

export function summaryOf({ code, output, errors }: Deployed): CollectSummary {
  if (code !== 0) throw new Error(`The collect ended with ${code}:\n${errors}`)
  return JSON.parse(output.trim().split("\n").at(-1)!) as CollectSummary
}

/** Collects, and expects the process to fail with an error of this code whose message has these texts. */
export async function deployInVain(
  task: CollectTask,
  code: StaticErrorCode,
  texts: readonly string[],
  options?: DeployOptions,
): Promise<string> {
  return failureOf(await startDeploy(task, options).ended, code, texts)
}

/** The message with which a process has failed, as its standard error shows it. */
export function failureOf({ code, errors }: Deployed, errorCode: StaticErrorCode, texts: readonly string[]): string {
  // The stack begins behind the message, and the error's properties behind the stack.
  const [, message, properties] = /^StaticError: ([^]*?)\n {4}at ([^]*)$/m.exec(errors) ?? expect.fail(errors)
  expect(code).toBe(1)
  expect(properties).toContain(`code: '${errorCode}'`)
  for (const text of texts) expect(message).toContain(text)
  return message!
}
