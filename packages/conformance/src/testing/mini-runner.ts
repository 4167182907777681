import type { TestRunner } from "../options.ts"

export interface TestResult {
  /** `"reference > save > chooses an alternative …"` */
  readonly path: string
  readonly outcome: "passed" | "failed" | "skipped"
  readonly error?: unknown
  /** Why it was skipped while it ran. */
  readonly reason?: string | undefined
}

interface Collected {
  readonly path: string
  readonly body: ((...contexts: readonly unknown[]) => Promise<void>) | undefined
}

/** The least that a test runner can be: collects tests, runs them some at a time, and tells how they ended. */
export function miniRunner(): {
  readonly runner: TestRunner
  readonly run: (filter?: (path: string) => boolean) => Promise<TestResult[]>
} {
  const titles: string[] = []
  const tests: Collected[] = []
  const it: TestRunner["it"] = (title, body) => tests.push({ path: [...titles, title].join(" > "), body })
  it.skip = (title) => tests.push({ path: [...titles, title].join(" > "), body: undefined })
  const runner: TestRunner = {
    describe(title, body) {
      titles.push(title)
      body()
      titles.pop()
    },
    it,
  }

  return {
    runner,
    run: async (filter = () => true) => {
      const chosen = tests.filter(({ path }) => filter(path))
      const results: TestResult[] = []
      const left = chosen.entries()
      const worker = async () => {
        for (const [index, test] of left) results[index] = await runOne(test)
      }
      await Promise.all(Array.from({ length: 16 }, worker))
      return results
    },
  }
}

async function runOne({ path, body }: Collected): Promise<TestResult> {
  if (!body) return { path, outcome: "skipped" }
  let reason: string | undefined
  try {
    await body({ skip: (given: string) => (reason = given) })
    return reason === undefined ? { path, outcome: "passed" } : { path, outcome: "skipped", reason }
  } catch (error) {
    return { path, outcome: "failed", error }
  }
}
