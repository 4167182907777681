import { type KeyLimits, utf8Length } from "@node-storages/core"

/** Legal names that services, URLs and clients get wrong. */
export const ODD_NAMES: readonly string[] = [
  "with space.txt",
  " leading and trailing .txt ",
  "two  spaces/a b/c d.txt",
  "plus+plus.txt",
  "a+b c",
  "percent%.txt",
  "a%2Fb",
  "%41%zz.txt",
  "hash#fragment.txt",
  "question?mark=1.txt",
  "and&equals=;,@$!.txt",
  "tilde~.txt",
  "'single' and \"double\".txt",
  "parentheses (1) [2] {3}.txt",
  ".leading-dot",
  ".hidden/.env",
  "..two-dots",
  "trailing-dot.",
  "three...dots",
  "colon:and|pipe<>*.txt",
  "caret^backtick`.txt",
  "-dash_underscore-",
  "precomposed-\u00e9.txt",
  "combining-e\u0301.txt",
  "日本語/ファイル.txt",
  "עברית-العربية.txt",
  "emoji-👩‍👩‍👧-🎉.txt",
  "astral-\u{1f600}-\uff5e.txt",
  "CamelCase/UPPER.TXT",
  "con/aux/nul.txt",
  "file.txt/looks-like-a-directory.txt",
  "a/b/c/d/e/f/g/h/i/j/k/l/m/n.txt",
]

/** Refused everywhere, before any request. */
export const INVALID_NAMES: readonly string[] = [
  "",
  ".",
  "..",
  "../secret.txt",
  "../../secret.txt",
  "a/../b",
  "users/1/../2/x",
  "a/..",
  "./a",
  "a/./b",
  "/etc/passwd",
  "//evil.example/x",
  "a//b",
  "a/",
  "C:/windows",
  "C:\\windows",
  "c:x",
  "..\\secret.txt",
  "a\\..\\b",
  "\\\\server\\share",
  "nul\0byte",
  "line\nbreak",
  "carriage\rreturn",
  "escape\u001b",
  "delete\u007f",
  "half-\ud800-surrogate",
]

/** A name of exactly as many bytes as the backend takes, in segments that it takes. */
export function longestName(limits: KeyLimits, character: string = "k"): string {
  const segment = Math.min(limits.segmentBytes ?? 200, 200)
  const perCharacter = utf8Length(character)
  let name = ""
  let left = Math.min(limits.keyBytes, limits.keyCharacters ?? Infinity, 1024)
  while (left > 0) {
    // The rest must not be a slash alone.
    const size = left <= segment ? left : Math.min(segment, left - 2)
    const text = character.repeat(Math.floor(size / perCharacter)) + "k".repeat(size % perCharacter)
    left -= size
    name += text + (left > 0 ? "/" : "")
    if (left > 0) left--
  }
  return name
}

/** A file name of as many bytes as a segment may have, at most 255. */
export function longestSegment(limits: KeyLimits, extension: string = ".txt"): string {
  const size = Math.min(limits.segmentBytes ?? 255, 255, limits.keyBytes)
  return "s".repeat(size - extension.length) + extension
}
