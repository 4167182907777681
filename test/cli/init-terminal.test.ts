import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { CONFIG, newApp } from "./new-app.ts"
import { CTRL_C, ENTER, startTerminal } from "./terminal.ts"

const DOWN = "\u001b[B"

describe("init on a terminal", () => {
  it("asks for what it needs, and writes what was answered", async () => {
    const cwd = newApp({ "tsconfig.json": "{}", "assets/a.css": "a {}" })
    const terminal = await startTerminal(["init"], { cwd })
    await terminal.shows("Where shall media be")
    terminal.type(DOWN + ENTER)
    await terminal.shows("Which bucket is for media files?")
    terminal.type(`a b${ENTER}`)
    await terminal.shows("It must be a name")
    terminal.type(`\u007f\u007f\u007facme-media${ENTER}`)
    await terminal.shows("In which region is the bucket?")
    terminal.type(`eu-west-1${ENTER}`)
    await terminal.shows("Who may read media files?")
    terminal.type(ENTER)
    await terminal.shows("Are there static files")
    terminal.type(ENTER)
    await terminal.shows("In which folder are the static files?")
    terminal.type(ENTER)
    await terminal.shows("Which folder is for static files?")
    terminal.type(ENTER)
    await terminal.shows("At which address will static files be served?")
    terminal.type(ENTER)
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen()).toContain("Wrote storages.config.ts.")
    const text = readFileSync(join(cwd, CONFIG), "utf8")
    expect(text).toContain('new S3Storage("acme-media", { region: "eu-west-1" })')
    expect(text).toContain('new LocalStorage("public/static", { baseUrl: "/static/" })')
    expect(text).toContain('sources: ["assets"]')
  })

  it.each([0, 1, 2])("writes nothing when Ctrl-C is typed at question %i", async (question) => {
    const cwd = newApp()
    const terminal = await startTerminal(["init"], { cwd })
    const questions = ["Where shall media be", "Which folder is for media", "Who may read"]
    for (const text of questions.slice(0, question)) {
      await terminal.shows(text)
      terminal.type(ENTER)
    }
    await terminal.shows(questions[question]!)
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(130)
    expect(terminal.screen()).toContain("Nothing was done.")
    expect(existsSync(join(cwd, CONFIG)) || existsSync(join(cwd, "storages.config.js"))).toBe(false)
  })

  it("asks before it overwrites, and takes no for an answer", async () => {
    const cwd = appFolder({ "tsconfig.json": "{}" })
    const before = readFileSync(join(cwd, CONFIG), "utf8")
    const terminal = await startTerminal(["init"], { cwd })
    await terminal.shows("storages.config.ts is there already. Overwrite it?")
    terminal.type(ENTER)
    expect(await terminal.exitCode).toBe(4)
    expect(readFileSync(join(cwd, CONFIG), "utf8")).toBe(before)
  })
})
