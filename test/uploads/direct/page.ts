import { fileURLToPath } from "node:url"
import { build, defaultClientConditions } from "vite"

const BROWSER_HALF = fileURLToPath(new URL("../../../packages/uploads/src/browser/index.ts", import.meta.url))

/** The browser's half as a site's bundler ships it: one module, minified. */
export async function bundleBrowserHalf(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["node-storages-source", ...defaultClientConditions] },
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: BROWSER_HALF, preserveEntrySignatures: "strict" },
    },
  })
  const { output } = result as { output: readonly { type: string; code?: string }[] }
  const [chunk, ...others] = output
  if (chunk?.code === undefined || others.length > 0) throw new Error("The browser's half is not one module.")
  return chunk.code
}

/** What a test may ask of the page: `?policy=avatar&storageKey=uploads`. */
export interface PageSettings {
  readonly policy: string
  readonly storageKey?: string
  readonly parallel?: number
  readonly retries?: number
  readonly stalled?: number
}

/** A page with a file input, a progress bar, a picture, and a button that cancels. */
export const PAGE = `<!doctype html>
<html lang="en">
  <title>Upload</title>
  <link rel="icon" href="data:," />
  <input id="file" type="file" />
  <button id="cancel">Cancel</button>
  <progress id="bar" value="0" max="1"></progress>
  <output id="state">ready</output>
  <img id="picture" alt="" />
  <script type="module">
    import { upload } from "/upload.js"

    const at = (id) => document.getElementById(id)
    const { policy, storageKey, ...numbers } = Object.fromEntries(new URLSearchParams(location.search))
    for (const name in numbers) numbers[name] = Number(numbers[name])
    const controller = new AbortController()
    at("cancel").onclick = () => controller.abort()
    globalThis.progress = []
    at("file").onchange = async () => {
      at("state").value = "uploading"
      try {
        const uploaded = await upload(at("file").files[0], {
          endpoint: "/uploads",
          policy,
          storageKey,
          ...numbers,
          signal: controller.signal,
          onToken: (token) => (globalThis.token = token),
          onProgress: ({ loaded, total }) => {
            globalThis.progress.push(loaded)
            at("bar").max = total
            at("bar").value = loaded
          },
        })
        globalThis.uploaded = uploaded
        if (uploaded.type.startsWith("image/")) {
          at("picture").src = uploaded.url
          await at("picture").decode()
        }
        at("state").value = "done"
      } catch (error) {
        at("state").value = error.code === undefined || error.name === "AbortError" ? error.name : error.code
      }
    }
  </script>
</html>
`
