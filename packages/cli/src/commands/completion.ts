import { Argument, type Command } from "commander"
import type { Session } from "../session.ts"
import { scriptFor, SHELLS } from "./completion/scripts.ts"
import { type Bind, define } from "./define.ts"

export function completionCommand(bind: Bind): Command {
  return define("completion", "print the script that makes a shell complete commands, options, storages and names", [
    "completion bash >> ~/.bashrc",
    "completion zsh > ~/.zsh/completions/_storages",
    "completion fish > ~/.config/fish/completions/storages.fish",
    "completion powershell >> $PROFILE",
  ])
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action(bind<object>(printScript))
}

async function printScript({ output }: Session, _: object, shell: string): Promise<void> {
  await output.write(scriptFor(shell))
}
