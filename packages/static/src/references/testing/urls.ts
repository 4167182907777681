import fc from "fast-check"

const piece = fc.constantFrom(
  "a",
  "b/",
  " ",
  '"',
  "'",
  "(",
  ")",
  "\\",
  "é",
  "日",
  "😀",
  "&",
  "<",
  ">",
  "`",
  "${",
  "%",
  "=",
  ",",
  "*/",
  "//",
  ";",
  "{",
  "}",
  "]]>",
  "</style>",
  "&amp;",
)

/** Local URLs full of what languages have to escape. White space is only inside, since around a URL it means nothing. */
export const nastyUrl: fc.Arbitrary<string> = fc
  .array(piece, { minLength: 1, maxLength: 8 })
  .map((pieces) => `./x${pieces.join("")}y.png`)
