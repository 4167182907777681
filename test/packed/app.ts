/** What an app does with the packed packages: installed outside the workspace, run on every Node, seen by every TypeScript. */
import { AzureStorage } from "@node-storages/azure"
import { defineStorages, prefix, StorageError, type Storage, storageFromUrl, transfer } from "@node-storages/core"
import { GCSStorage } from "@node-storages/gcs"
import { serveStorage } from "@node-storages/http"
import { fastifyStorage } from "@node-storages/http/fastify"
import { honoStorage } from "@node-storages/http/hono"
import { koaStorage } from "@node-storages/http/koa"
import { nextRoute } from "@node-storages/http/next"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { S3Storage } from "@node-storages/s3"
import { collect, defineStatic, source, StaticFiles } from "@node-storages/static"
import { directUploads, receiveForm } from "@node-storages/uploads"
import { upload } from "@node-storages/uploads/browser"

function mustBe(what: string, met: unknown, wanted: unknown): void {
  if (met !== wanted) throw new Error(`${what} is ${String(met)}, not ${String(wanted)}`)
}

const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "/media/" }),
  test: new MemoryStorage(),
  static: () => new S3Storage("acme-static", { region: "eu-west-1", baseUrl: "https://static.example.com" }),
  google: () => new GCSStorage("acme-static", { signedUrls: false }),
  azure: () => new AzureStorage("static", { accountName: "acme", signedUrls: false }),
})

async function use(storage: Storage): Promise<void> {
  const name = await storage.save("a b.txt", "hello")
  const again = await storage.save("a b.txt", "again")
  mustBe("the name", name, "a b.txt")
  mustBe("whether a taken name is given again", again === name, false)
  mustBe("a range", await storage.open(name).slice(1, 3).text(), "el")
  const names: string[] = []
  for await (const info of storage.list()) names.push(info.name)
  mustBe("the number of files", names.length, 2)
  const missing: unknown = await storage.stat("nothing").catch((error: unknown) => error)
  mustBe("whether a missing file is not-found", StorageError.is(missing, "not-found"), true)
  await storage.deleteMany(names)
}

await use(storages.media)
await use(storages.test)
await use(storages.test.with(prefix("tenant")))

mustBe("a local URL", storages.media.publicUrl("a b.txt"), "/media/a%20b.txt")
mustBe("a URL on S3", storages.static.publicUrl("a b.css"), "https://static.example.com/a%20b.css")
mustBe("a URL on Google", storages.google.publicUrl("a"), "https://storage.googleapis.com/acme-static/a")
mustBe("a URL on Azure", storages.azure.publicUrl("a"), "https://acme.blob.core.windows.net/static/a")
for (const url of ["gs://acme", "azblob://acme?accountName=acme", "s3://acme", "memory:"]) storageFromUrl(url)

await storages.media.write("moved.txt", "moved")
mustBe("what was transferred", (await transfer(storages.media, storages.test)).copied, 1)
mustBe("the transferred file", await storages.test.open("moved.txt").text(), "moved")

const made = source("made", () => [{ name: "css/app.css", content: "body {}" }])
const config = defineStatic({ storage: new LocalStorage("static", { baseUrl: "/static/" }), sources: [made] })
await collect(config)
const url = (await StaticFiles.load(config.storage)).url("css/app.css")
mustBe("a static URL", /^\/static\/css\/app\.[0-9a-f]{12}\.css$/.test(url), true)

const signed = new LocalStorage("signed", { baseUrl: "http://localhost/signed/", signingKeys: ["k".repeat(32)] })
const body = new FormData()
body.append("file", new Blob(["hello"]), "a.txt")
const form = await receiveForm(new Request("http://localhost/", { method: "POST", body }), { storage: signed })
const serve = serveStorage(signed, { prefix: "/signed/" })
const served = await serve(new Request(await signed.url(form.files[0]!.name), { headers: { range: "bytes=1-2" } }))
mustBe("the status of a range", served.status, 206)
mustBe("a served range", await served.text(), "el")
const refused = await serve(new Request("http://localhost/signed/a.txt"))
mustBe("the status without a signature", refused.status, 403)

const uploads = directUploads({ storage: signed, keys: ["t".repeat(32)], policies: { any: { maxSize: "1 MB" } } })
const direct = await uploads.createDirectUpload({ policy: "any", name: "b.txt", size: 5 })
const { method, url: target, headers } = direct.request!
const stored = await serve(new Request(target, { method, headers, body: "bytes" }))
mustBe("whether a signed upload is stored", stored.ok, true)
mustBe("its size", (await uploads.completeDirectUpload(direct.token)).size, 5)

for (const shim of [fastifyStorage(signed), honoStorage(signed), koaStorage(signed), nextRoute(signed).GET, upload]) {
  mustBe("a shim", typeof shim, "function")
}
// The SDK's types are the app's too.
const client: typeof storages.static.client = storages.static.client
client.destroy()
console.log("The packed packages work.")
