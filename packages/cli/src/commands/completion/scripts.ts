/** The word with which the scripts ask this command: it is in no help. */
export const COMPLETE = "__complete"

export const SHELLS: readonly string[] = ["bash", "zsh", "fish", "powershell"]

/** Bash knows no descriptions, and splits words at colons: it hands over the line, and gets the rest of the word. */
const BASH = `# Completion of the command "storages" in Bash: source <(storages completion bash)
_storages_completion() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" ${COMPLETE} bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null))
  case "\${COMPREPLY[0]-}" in
    */ | *: | *=) type compopt &>/dev/null && compopt -o nospace ;;
  esac
}
complete -F _storages_completion storages
`

const ZSH = `#compdef storages
# Completion of the command "storages" in zsh: source <(storages completion zsh), or this file as _storages in $fpath
_storages() {
  local line value
  local -a ended endedShown open
  for line in "\${(@f)$("\${(Q)words[1]}" ${COMPLETE} zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    value="\${line%%$'\\t'*}"
    if [[ "$value" == *[/:=] ]]; then
      open+=("$value")
    elif [[ "$line" == *$'\\t'* ]]; then
      ended+=("$value")
      endedShown+=("\${(r:18:)value}  \${line#*$'\\t'}")
    else
      ended+=("$value")
      endedShown+=("$value")
    fi
  done
  (( \${#open} )) && compadd -S '' -a open
  if (( \${#ended} )); then
    if [[ "\${endedShown[1]}" == "\${ended[1]}" ]]; then compadd -a ended; else compadd -l -d endedShown -a ended; fi
  fi
}
if [[ "\${funcstack[1]-}" == "_storages" ]]; then _storages "$@"; else compdef _storages storages; fi
`

const FISH = `# Completion of the command "storages" in fish: storages completion fish > ~/.config/fish/completions/storages.fish
function __storages_completion
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    command $words[1] ${COMPLETE} fish $words[2..-1] "$current" 2>/dev/null
end
complete -c storages -f -a '(__storages_completion)'
`

const POWERSHELL = `# Completion of the command "storages" in PowerShell: storages completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName storages -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $text = $commandAst.Extent.Text
  $length = $cursorPosition - $commandAst.Extent.StartOffset
  $line = if ($length -gt $text.Length) { "$text " } else { $text.Substring(0, $length) }
  & $commandAst.CommandElements[0].Value ${COMPLETE} powershell $line 2>$null | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    if (-not $description) { $description = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
  }
}
`

/** The script that teaches a shell to complete this command. */
export function scriptFor(shell: string): string {
  const scripts: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL }
  return scripts[shell]!
}
