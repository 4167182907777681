import { readdir } from "node:fs/promises"
import { expect, it } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy } from "./deploy.ts"
import { expectWholeWithPlain } from "./site-state.ts"
import { soak } from "../../run/soak.ts"

const MIB = 1024 * 1024
/** Of each kind of text. */
const FILES = soak(100, 50)
/** All of them together, in MiB. */
const TOGETHER = 2.5 * FILES
const PICTURE = "img/a-picture-with-a-long-name.png"
/** Parts of a text that are long enough for V8 to keep the whole text with them. */
const URL = `../${PICTURE}?and=a-query-that-is-long#and-a-fragment`
/** Half a MiB that means nothing. */
const FILLER = "Nothing is meant by this line, which only fills the file.\n".repeat((0.5 * MIB) / 58)

/** A text of each kind that has references, in every way in which they are written. */
const TEXTS: Readonly<Record<string, string>> = {
  css: `a { b: url("${URL}"); c: url(${URL}); d: image-set('${URL}' 1x) }
/* ${FILLER} */
/*# sourceMappingURL=a-source-map-that-is-not-there.css.map */`,
  js: `import "./../js/a-module-with-a-long-name.mjs"
export const url = new URL("${URL}", import.meta.url), load = () => import("../js/a-module-with-a-long-name.mjs")
/* ${FILLER} */
//# sourceMappingURL=a-source-map-that-is-not-there.js.map`,
  html: `<!-- ${FILLER} -->
<img src="${URL}" srcset="${URL} 2x" style="background: url(&quot;${URL}&quot;)">
<style>a { b: url("${URL}") }</style>
<script type="module">import "../js/a-module-with-a-long-name.mjs"</script>
<script type="importmap">{ "imports": { "a": "../js/a-module-with-a-long-name.mjs" } }</script>
<script src="../js/a-module-with-a-long-name.mjs" integrity="sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="></script>`,
  svg: `<svg><!-- ${FILLER} --><style><![CDATA[a { b: url("${URL}") }]]></style><image href="${URL}"/></svg>`,
  webmanifest: `{ "text": ${JSON.stringify(FILLER)}, "icons": [{ "src": "${URL}" }] }`,
}

it(`texts of ${TOGETHER} MiB are collected with a heap of 64, and nothing is left in the folder for temporary files`, async () => {
  const [target, temporary] = [await temporaryFolder(), await temporaryFolder()]
  const source = await writeFiles({
    [PICTURE]: "picture",
    "js/a-module-with-a-long-name.mjs": `import "./another.mjs"`,
    "js/another.mjs": "",
  })
  for (let index = 0; index < FILES; index++) {
    const texts = Object.entries(TEXTS).map(([kind, text]) => [`${kind}/${index}.${kind}`, text] as const)
    await writeFiles(Object.fromEntries(texts), source)
  }
  await deploy(
    { source, target, options: { compress: false } },
    { env: { NODE_OPTIONS: "--max-old-space-size=64", TMPDIR: temporary } },
  )
  const { files } = await expectWholeWithPlain(target)
  expect(Object.keys(files)).toHaveLength(Object.keys(TEXTS).length * FILES + 3)
  expect(await readdir(temporary)).toEqual([])
})
