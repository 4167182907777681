import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"

/** A small site: styles that import styles, modules in a circle, a page, pictures, fonts. */
export const SITE: Readonly<Record<string, string>> = {
  "css/app.css": '@import "base.css";\nbody { background: url(  "../img/a b.png"  ) }\n/* url(missing.png) */\n',
  "css/base.css":
    "@font-face { src: url('../fonts/x.woff2?#iefix') }\n:root { --icon: url(data:image/png;base64,AAAA) }\n",
  "fonts/x.woff2": "font",
  "img/a b.png": "picture",
  "js/a.js": 'import { b } from "./b.js"\nexport const a = () => b\n//# sourceMappingURL=a.js.map\n',
  "js/b.js": 'export { a } from "./a.js"\nexport const b = new URL("../img/a b.png", import.meta.url)\n',
  "js/vendor.js": "!function(){console.log('./b.js')}()\n".repeat(100),
  "index.html": '<link rel="stylesheet" href="css/app.css"><script type="module" src="js/a.js"></script>\n',
  ".well-known/security.txt": "Contact: mailto:security@example.com\n",
  "favicon.ico": "icon",
}

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** A temporary folder that is gone when the test file ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "node-storages-static-"))
  folders.push(folder)
  return folder
}

/** The files in a folder of their own. @returns its path */
export async function writeFiles(files: Readonly<Record<string, string | Uint8Array>>, into?: string): Promise<string> {
  const folder = into ?? (await temporaryFolder())
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return folder
}
