import { ask, type Answer, isAbsolute } from "../http.ts"
import { CheckProblem, type CheckContext, type CheckStep, ok, type Outcome, skipped, warning } from "../step.ts"
import { localFolder } from "./connection.ts"

/** From here on it is told, in seconds. */
const NOTABLE = 60
/** S3 takes no signature that is 15 minutes off; a clock that is 5 off is on its way there, and ends URLs too early. */
const MOST = 300

/** This machine's clock against the service's, by the Date of an answer: signatures hold by the clock. */
export const clock: CheckStep<CheckContext> = {
  name: "clock",
  doing: "comparing the clocks",
  needs: [],
  async run(context, signal) {
    if (localFolder(context.driver) !== undefined) return skipped("the files are on this machine")
    if (context.unreachable) return skipped("the service does not answer")
    const url = await addressOf(context, signal)
    if (url === undefined) return skipped("the storage has no address to ask")
    const started = Date.now()
    const answer = await ask(url, { method: "HEAD", signal })
    return compared(answer, (started + Date.now()) / 2)
  },
}

/** Some URL of the service: which file it is of does not matter, nor whether it is answered with a refusal. */
async function addressOf({ driver, files }: CheckContext, signal: AbortSignal): Promise<string | undefined> {
  const key = `${files.directory}/missing.txt`
  const signed = await driver?.signedUrl?.(key, { signedAt: new Date(), expiresIn: 60, signal }).catch(() => undefined)
  const url = signed ?? publicUrlOf(() => driver?.publicUrl?.(key))
  return url !== undefined && isAbsolute(url) ? url : undefined
}

/** A driver may need credentials or a region for it. */
function publicUrlOf(make: () => string | undefined): string | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

function compared(answer: Answer, here: number): Outcome {
  const told = Date.parse(answer.header("date") ?? "")
  if (Number.isNaN(told)) return skipped("the service's answers have no Date")
  // A cache says when the answer was made, and how old it is. A Date is cut to whole seconds.
  const there = told + Number(answer.header("age") ?? 0) * 1000 + 500
  const off = Math.round((here - there) / 1000)
  if (Math.abs(off) < 2) return ok("this machine's clock is right")
  const text = `this machine's clock is ${lengthOf(Math.abs(off))} ${off > 0 ? "ahead of" : "behind"} the service's`
  if (Math.abs(off) < NOTABLE) return ok(text)
  const hint = "Set the clock by NTP: timedatectl set-ntp true. Signatures are refused when it is 15 minutes off."
  if (Math.abs(off) < MOST) return warning("clock-skew", text, hint)
  throw new CheckProblem("clock-skew", text, hint)
}

function lengthOf(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
}
