import type { DirectUpload, UploadedFile } from "@node-storages/uploads"
import { makePdf } from "./sample-pdf.ts"
import { samplePictures } from "./sample-pictures.ts"
import { start } from "./start.ts"

/** Starts the app, uses it as a browser would, and prints what it answered. */
export async function visit(folder: string): Promise<void> {
  const { url, collected, server } = await start(folder, 0)
  const say = (what: string, result: string) => console.log(`  ${what.padEnd(44)} -> ${result}`)
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, url), { headers, redirect: "manual" })
  try {
    console.log(`  ${collected.files} static files collected, the app runs at ${url}`)
    const page = await (await get("/")).text()
    const hrefs = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!.replaceAll("&amp;", "&"))
    const css = hrefs.find((href) => href.endsWith(".css"))!
    const style = await get(css, { "accept-encoding": "br" })
    say(
      `GET ${css}`,
      `${style.status}, ${style.headers.get("content-encoding")}, ${style.headers.get("cache-control")}`,
    )
    const same = await get(css, { "accept-encoding": "br", "if-none-match": style.headers.get("etag")! })
    say("  once more, with its entity tag", String(same.status))

    const [{ bytes } = { bytes: new Uint8Array() }] = samplePictures(120, 80)
    const send = async (name: string, content: Uint8Array<ArrayBuffer>) => {
      const form = new FormData()
      form.append("photo", new Blob([content]), name)
      return fetch(new URL("/photos", url), { method: "POST", body: form, redirect: "manual" })
    }
    const saved = await send("a small picture.png", bytes)
    say("POST /photos a form with a picture", `${saved.status}, on to ${saved.headers.get("location")}`)
    say("  a PDF that is called a .png", String((await send("x.png", makePdf("Hello"))).status))

    const ask = async (message: object) => {
      const headers = { "content-type": "application/json" }
      return (await fetch(new URL("/uploads", url), { method: "POST", headers, body: JSON.stringify(message) })).json()
    }
    const file = { name: "direct.png", size: bytes.byteLength, type: "image/png" }
    const { token, request } = (await ask({ action: "create", policy: "photo", ...file })) as DirectUpload
    const { method, headers } = request!
    const sent = await fetch(new URL(request!.url, url), { method, headers, body: bytes })
    say(`${method} ${new URL(request!.url, url).pathname.slice(0, 26)}… a signed upload`, String(sent.status))
    const completed = (await ask({ action: "complete", token })) as UploadedFile
    say("  looked at and completed", `${completed.url}, ${completed.type}`)

    const photo = /src="(\/media\/photos\/[^"]+)"/.exec(await (await get("/")).text())![1]!
    const part = await get(photo, { range: "bytes=0-7" })
    say(`GET ${photo} bytes 0-7`, `${part.status}, ${part.headers.get("content-range")}`)

    const document = hrefs.find((href) => href.startsWith("/documents/"))!
    const refused = await get(document)
    say(`GET ${document}`, `${refused.status}, on to ${refused.headers.get("location")}`)
    const signIn = await fetch(new URL("/sign-in", url), { method: "POST", redirect: "manual" })
    const cookie = signIn.headers.get("set-cookie")!.split(";")[0]!
    say("  signed in", String((await get(document, { cookie })).status))
    const [link] = [...(await (await get("/", { cookie })).text()).matchAll(/href="([^"]+\?signed=[^"]+)"/g)].map(
      (m) => m[1]!,
    )
    say("  by a signed link, without a session", String((await get(link!)).status))
    say("  by the same link, changed", String((await get(`${link}x`)).status))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
