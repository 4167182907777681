/** The URL once for each of its parameters, with the first character of its value replaced by another. */
export function changedParameters(url: string): string[] {
  const start = url.indexOf("?")
  if (start === -1) return []
  const base = url.slice(0, start)
  const pairs = url.slice(start + 1).split("&")
  return pairs.map((pair, index) => {
    const equals = pair.indexOf("=")
    const value = pair.slice(equals + 1)
    const changed = `${pair.slice(0, equals + 1)}${otherCharacter(value.charAt(0))}${value.slice(1)}`
    return `${base}?${pairs.with(index, changed).join("&")}`
  })
}

/** Of the same kind, so that the value stays well-formed and the signature alone refuses it. */
function otherCharacter(character: string): string {
  if (/[0-9]/.test(character)) return character === "9" ? "8" : String(Number(character) + 1)
  if (/[a-y]/i.test(character)) return String.fromCharCode(character.charCodeAt(0) + 1)
  return "a"
}
