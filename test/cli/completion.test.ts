import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { describe, expect, it } from "vitest"
import { type DebianProgram, hindranceOf, installProgram } from "../servers/debian-packages.ts"
import { FISH, ZSH } from "../servers/debian-programs.ts"
import { findProgram } from "../servers/programs.ts"
import { appFolder } from "./app-folder.ts"
import { builtCommand } from "./built.ts"
import { runCommand } from "./run-command.ts"
import { startInTerminal, type Terminal } from "./terminal.ts"

const TAB = "\t"
const ENTER = "\r"
const CTRL_U = "\u0015"

const FILES = {
  "media/avatars/me.png": "12",
  "media/avatars/my photo.png": "3",
  "media/report.pdf": "123",
  "notes.txt": "",
}

interface Shell {
  readonly program: DebianProgram
  readonly args: readonly string[]
  /** What makes it complete the command, before the prompt that tests wait for. */
  readonly setup: string
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    // Every Debian has it.
    program: { title: "bash", programs: ["bash"], packages: [] },
    args: ["--norc", "--noprofile", "-i"],
    setup: "bind 'set bell-style none'; source <(storages completion bash); PS1='ready> '",
  },
  zsh: {
    program: ZSH,
    args: ["-f", "-i"],
    setup:
      "autoload -Uz compinit && compinit -u -D; source <(storages completion zsh); unsetopt beep; PROMPT='ready> '",
  },
  fish: {
    program: FISH,
    args: ["--no-config", "-i"],
    setup: "storages completion fish | source; set fish_greeting; function fish_prompt; echo -n 'ready> '; end",
  },
}

/** A folder with the command as it is found on PATH. */
async function binFolder(cwd: string): Promise<string> {
  const folder = join(cwd, "bin")
  mkdirSync(folder)
  writeFileSync(join(folder, "storages"), `#!/bin/sh\nexec "${process.execPath}" "${await builtCommand()}" "$@"\n`)
  chmodSync(join(folder, "storages"), 0o755)
  return folder
}

async function started({ program, args, setup }: Shell): Promise<Terminal> {
  const cwd = appFolder(FILES)
  const bin = await binFolder(cwd)
  const home = join(cwd, "home")
  mkdirSync(home)
  const PATH = [bin, process.env["PATH"]].join(delimiter)
  const terminal = startInTerminal(findProgram(program.programs[0]!)!, args, {
    cwd,
    env: { PATH, HOME: home, XDG_DATA_HOME: home, LC_ALL: "C.UTF-8" },
  })
  terminal.type(`${setup}${ENTER}`)
  await terminal.shows(/^ready> $|^ready>$/m)
  return terminal
}

describe.each(Object.entries(SHELLS))("completion in %s", (_name, shell) => {
  it("completes commands, options, storages and what is in them", async ({ skip }) => {
    const hindrance = hindranceOf(shell.program)
    if (hindrance !== undefined && shell.program.packages.length === 0) return skip(hindrance)
    try {
      await installProgram(shell.program)
    } catch (error) {
      return skip((error as Error).message.split("\n")[0])
    }
    const terminal = await started(shell)
    const typed = async (text: string, shown: string | RegExp): Promise<void> => {
      terminal.type(`${text}${TAB}`)
      await terminal.shows(shown)
      terminal.type(CTRL_U)
    }
    await typed("storages col", "ready> storages collectstatic")
    await typed("storages check --ori", "ready> storages check --origin")
    await typed("storages ls med", "ready> storages ls media:")
    await typed("storages ls media:av", "ready> storages ls media:avatars/")
    await typed("storages cat media:avatars/me", "ready> storages cat media:avatars/me.png")
    await typed("storages cat media:avatars/my", "ready> storages cat media:avatars/my\\ photo.png")
    await typed("storages --storage ba", "ready> storages --storage backup")
    await typed("storages cp not", "ready> storages cp notes.txt")
    await typed("storages init --media s3-", "ready> storages init --media s3-compatible")
    // What is completed is what the shell then hands over.
    terminal.type(`storages stat media:avatars/my${TAB}${ENTER}`)
    await terminal.shows(/image\/png/)
  })
})

describe("the answer to a shell", () => {
  const ask = async (args: readonly string[], files: Readonly<Record<string, string>> = FILES): Promise<string[]> => {
    const { stdout, stderr, exitCode } = await runCommand(["__complete", ...args], { cwd: appFolder(files) })
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 })
    return stdout.split("\n").filter((line) => line !== "")
  }

  it("has a description behind a tab, where there is one", async () => {
    expect(await ask(["zsh", "completi"])).toEqual([
      "completion\tprint the script that makes a shell complete commands, options, storages and names",
    ])
  })

  it("is in Bash the rest of the word behind a colon, escaped outside of quotes", async () => {
    expect(await ask(["bash", "storages cat media:avatars/my", " \t:="])).toEqual(["avatars/my\\ photo.png"])
    expect(await ask(["bash", 'storages cat "media:avatars/my', " \t:="])).toEqual(["media:avatars/my photo.png"])
    expect(await ask(["bash", "storages cat media:avatars/my", " \t"])).toEqual(["media:avatars/my\\ photo.png"])
    expect(await ask(["bash", "AWS_PROFILE=x storages --storage=me", " \t:="])).toEqual(["media"])
  })

  it.each([
    ["options of the command, and of all", ["zsh", "check", "--re"], ["--read-only"]],
    ["nothing for a value that nobody knows", ["zsh", "url", "--expires-in", ""], []],
    ["names behind -- as well", ["zsh", "ls", "--", "media:r"], ["media:report.pdf"]],
    ["storages for check", ["zsh", "check", "b"], ["backup\tstorage"]],
    ["names of the storage that --storage names", ["zsh", "--storage", "media", "ls", "rep"], ["report.pdf"]],
    ["files of this machine", ["zsh", "ls", "./no"], ["./notes.txt", "./node_modules/"]],
    ["a configuration that another option names", ["zsh", "--config", "sto"], ["storages.config.ts"]],
    ["nothing for a command that is none", ["zsh", "lss", ""], []],
    ["nothing in a storage that is none", ["zsh", "ls", "nothing:"], []],
    ["commands for help", ["zsh", "help", "col"], ["collectstatic"]],
    ["shells", ["powershell", "storages completion f"], ["fish"]],
  ])("gives %s", async (_title, args, expected) => {
    const found = await ask(args)
    expect(found.map((line) => line.replace(/^(--[\w-]+|collectstatic)\t.*/, "$1")).toSorted()).toEqual(
      [...expected].toSorted(),
    )
  })

  it("is silent where the configuration is wrong, prints, or takes too long", async () => {
    const config = (text: string) => ({ ...FILES, "storages.config.ts": text })
    expect(await ask(["zsh", "ls", "med"], config("export const storages = {"))).toEqual([])
    const chatty = `console.log("media-like"); import { LocalStorage } from "@node-storages/local"
      export const storages = { media: new LocalStorage("media") }`
    expect(await ask(["zsh", "ls", "med"], config(chatty))).toEqual(["media:"])
    // Who would wait for this one would never answer.
    expect(await ask(["zsh", "ls", "med"], config("await new Promise(() => undefined)"))).toEqual([])
  })
})
