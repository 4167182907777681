/** A URL of a `srcset`, and where it is. */
export interface SourceCandidate {
  readonly start: number
  readonly end: number
  readonly url: string
}

/** ASCII white space of HTML. https://infra.spec.whatwg.org/#ascii-whitespace */
const WHITE_SPACE = /[\t\n\f\r ]/

/** Where the descriptors (`2x`, `100w`) end: at the next comma that is not in parentheses. */
const afterDescriptors = (text: string, from: number) => {
  let index = from
  let inParentheses = false
  for (; index < text.length; index++) {
    const character = text[index]
    if (character === "(") inParentheses = true
    else if (character === ")") inParentheses = false
    else if (character === "," && !inParentheses) break
  }
  return index
}

/** The URLs of a `srcset`: commas are part of a URL unless they end it. https://html.spec.whatwg.org/#parse-a-srcset-attribute */
export const candidatesOf = (text: string): readonly SourceCandidate[] => {
  const candidates: SourceCandidate[] = []
  let index = 0
  for (;;) {
    while (index < text.length && (text[index] === "," || WHITE_SPACE.test(text[index] ?? ""))) index++
    if (index >= text.length) return candidates
    const start = index
    while (index < text.length && !WHITE_SPACE.test(text[index] ?? "")) index++
    let end = index
    while (text[end - 1] === ",") end--
    candidates.push({ start, end, url: text.slice(start, end) })
    if (end === index) index = afterDescriptors(text, index)
  }
}

/** White space and commas at the ends would end the URL, and there is no escape: they are percent-encoded. */
export const writeCandidate = (url: string): string =>
  url
    .replace(/[\t\n\f\r ]/g, (character) => encodeURIComponent(character))
    .replace(/^,+|,+$/g, (commas) => "%2C".repeat(commas.length))
