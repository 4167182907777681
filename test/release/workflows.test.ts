import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const text = (path: string): string => readFileSync(join(root, path), "utf8")
const scripts = (JSON.parse(text("package.json")) as { scripts: Readonly<Record<string, string>> }).scripts

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly uses?: string
  readonly "timeout-minutes"?: number
  readonly permissions?: Readonly<Record<string, string>>
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[]; readonly part?: readonly number[] } }
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const workflow = (name: string): Workflow => parse(text(`.github/workflows/${name}`)) as Workflow
const setup = parse(text(".github/actions/setup/action.yml")) as { runs: { steps: readonly Step[] } }
const names = readdirSync(join(root, ".github/workflows"))
const jobs = names.flatMap((name) =>
  Object.entries(workflow(name).jobs).map(([job, rest]) => ({ file: name, job, ...rest })),
)
const steps = [...setup.runs.steps, ...jobs.flatMap((job) => job.steps ?? [])]

describe("the workflows", () => {
  it("call scripts that are there", () => {
    const called = [...steps.flatMap((step) => step.run ?? []), "npm run version"].flatMap((line) =>
      [...line.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script!),
    )
    expect(new Set(called)).toEqual(
      new Set(["setup", "lint", "check", "test:versions", "test:soak", "docs:build", "build", "version"]),
    )
    for (const script of called) {
      const file = /\bscripts\/[\w-]+\.mjs(?!.*scripts\/)/.exec(scripts[script]!)?.[0]
      expect(file && existsSync(join(root, file)), script).toBe(true)
    }
    const version = steps.find((step) => step.uses?.startsWith("changesets/action/version@"))
    expect(version?.with?.["script"]).toBe("npm run version")
  })

  it("run all of .ci/run: what it runs is in ci.yml too", () => {
    const inCi = Object.values(workflow("ci.yml").jobs).flatMap((job) =>
      (job.steps ?? []).flatMap(({ run }) => run ?? []),
    )
    for (const [line] of text(".ci/run").matchAll(/^npm .*$/gm)) {
      // The tests are run in parts, side by side.
      expect(inCi).toContain(line === "npm test" ? "npm test -- --shard=${{ matrix.part }}/3" : line)
    }
    expect(workflow("ci.yml").jobs["test"]!.strategy!.matrix.part).toEqual([1, 2, 3])
  })

  it("test on the Nodes on which the packed packages are tried, and that the packages are for", () => {
    const { node } = workflow("ci.yml").jobs["versions"]!.strategy!.matrix
    // The workspace's own, on which everything runs.
    const own = Number(/^  node: (\d+)\./m.exec(text("pnpm-workspace.yaml"))![1])
    const tried = [...text("scripts/smoke/versions.mjs").matchAll(/NODES = \[LOWEST_NODE, (.*)\]/g)][0]![1]
    expect(JSON.parse(`[${tried}]`)).toEqual([...node!, own].toSorted((one, other) => one - other).map(String))
    expect(text("scripts/test-versions.mjs")).toContain(JSON.stringify(node!.map(String)).replaceAll(",", ", "))
    const lowest = /LOWEST_NODE = "(\d+\.\d+)\.0"/.exec(text("scripts/smoke/versions.mjs"))?.[1]
    expect(JSON.parse(text("packages/core/package.json"))).toMatchObject({ engines: { node: `>=${lowest}` } })
  })

  it("use the workspace's pnpm", () => {
    const pinned = /"(pnpm@[^"]+)"/.exec(text("scripts/pnpm.mjs"))?.[1]
    expect(setup.runs.steps.map(({ run }) => run)).toContain(`npm install --global ${pinned}`)
  })

  it("pin what others wrote by its commit, with the version beside it", () => {
    const lines = [...names.map((name) => `workflows/${name}`), "actions/setup/action.yml"].flatMap((path) =>
      text(`.github/${path}`)
        .split("\n")
        .filter((line) => line.includes("uses: ") && !line.includes("uses: ./")),
    )
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    const commits = new Map(lines.map((line) => [/uses: ([\w-]+\/[\w-]+)/.exec(line)![1], line.split("@")[1]]))
    for (const line of lines) expect(line.split("@")[1]).toBe(commits.get(/uses: ([\w-]+\/[\w-]+)/.exec(line)![1]))
  })

  it("may do as little as possible", () => {
    for (const name of names) expect(workflow(name).permissions, name).toEqual({})
    const allowed = Object.fromEntries(
      jobs
        .filter(({ permissions }) => JSON.stringify(permissions) !== '{"contents":"read"}')
        .map(({ file, job, permissions }) => [`${file} ${job}`, permissions]),
    )
    expect(allowed).toEqual({
      "release.yml version": { contents: "write", "pull-requests": "write" },
      "release.yml publish": { contents: "write", "id-token": "write" },
      "release.yml deploy": { pages: "write", "id-token": "write" },
    })
    for (const { uses, with: settings } of steps) {
      if (uses?.startsWith("actions/checkout@")) expect(settings).toMatchObject({ "persist-credentials": false })
    }
    expect(names.map((name) => text(`.github/workflows/${name}`)).join()).not.toMatch(/secrets\.|pull_request_target/)
  })

  it("end by themselves", () => {
    for (const { job, uses, "timeout-minutes": limit } of jobs) if (!uses) expect(limit, job).toBeLessThanOrEqual(90)
  })
})

describe("what takes long", () => {
  it("is proven each night, and before anything is packed for a release", () => {
    expect(Object.keys(workflow("soak.yml").on)).toEqual(["schedule", "workflow_call", "workflow_dispatch"])
    expect(workflow("soak.yml").jobs["soak"]!.steps!.map(({ run }) => run)).toContain("npm run test:soak")
    const { soak, pack } = workflow("release.yml").jobs
    expect(soak!.uses).toBe("./.github/workflows/soak.yml")
    expect(pack!.needs).toContain("soak")
  })
})

describe("the release", () => {
  const { on, jobs: release } = workflow("release.yml")

  it("runs on main only, after all checks", () => {
    expect(on).toEqual({ push: { branches: ["main"] } })
    const before = (job: string): string[] =>
      [release[job]!.needs ?? []].flat().flatMap((needed) => [needed, ...before(needed)])
    for (const job of ["version", "publish", "deploy"]) expect(before(job)).toContain("ci")
    expect(release["ci"]?.uses).toBe("./.github/workflows/ci.yml")
    expect(Object.keys(workflow("ci.yml").on)).toEqual(["pull_request", "workflow_call"])
  })

  it("publishes what another job has packed: who may publish builds nothing", () => {
    const publish = release["publish"]!.steps!
    expect(publish.flatMap(({ run }) => run ?? [])).toEqual([])
    expect(publish.at(-1)?.with).toEqual({ "pack-dir-artifact-id": "${{ needs.pack.outputs.tarballs }}" })
    expect(release["publish"]?.needs).toBe("pack")
  })

  it("hands on only what a step gives", () => {
    for (const [name, job] of Object.entries(release)) {
      for (const output of Object.values(job.outputs ?? {})) {
        const [, id] = /steps\.([\w-]+)\.outputs\./.exec(output)!
        expect(
          job.steps?.map((step) => step.id),
          name,
        ).toContain(id)
      }
      for (const [, needed, output] of JSON.stringify(job).matchAll(/needs\.(\w+)\.outputs\.([\w-]+)/g)) {
        expect([job.needs].flat()).toContain(needed)
        expect(Object.keys(release[needed!]!.outputs!)).toContain(output)
      }
    }
  })
})
