// npm run demo             two storages on this machine's disk, in ./demo-files, and an app that uses them
// npm run demo -- --s3     the same on an S3 server, which is started for it
// npm run demo -- --gcs    on Google Cloud Storage, as the server of the tests has it
// npm run demo -- --azure  on Azure Blob Storage, as Azurite has it
import { createReadStream } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { type Storage, StorageError, transfer } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { collect, StaticFiles } from "@node-storages/static"
import { makePdf } from "../web/sample-pdf.ts"
import { samplePictures } from "../web/sample-pictures.ts"
import { visit } from "../web/visit.ts"
import { startAzureForDemo, startGcsForDemo, startS3ForDemo } from "./servers.ts"
import { staticFilesFor } from "./static.config.ts"
import { azureStorages, gcsStorages, localStorages, s3Storages } from "./storages.config.ts"

const folder = join(process.cwd(), "demo-files")

function say(title: string): void {
  console.log(`\n${title}`)
}

async function run(mediaStorage: Storage, staticStorage: Storage, fetchable: boolean): Promise<void> {
  const [one, other] = [...samplePictures(320, 200)].map(({ bytes }) => bytes) as [Uint8Array, Uint8Array]
  say("Save what a user uploads. The name that was free is the name that it gets:")
  const avatar = await mediaStorage.save("avatars/me.png", one)
  console.log(`  save("avatars/me.png")          -> "${avatar}"`)

  say("Save another picture under the same name. Nothing is overwritten:")
  const second = await mediaStorage.save("avatars/me.png", other)
  console.log(`  save("avatars/me.png")          -> "${second}"`)

  say("Save a document from a stream, with its own headers and metadata:")
  await mediaStorage.write("documents/Grüße (1).pdf", new Blob([makePdf("Hello from node-storages")]).stream(), {
    metadata: { author: "Zoë" },
    cacheControl: "private, max-age=60",
  })
  const info = await mediaStorage.stat("documents/Grüße (1).pdf")
  console.log(
    `  stat -> ${info.size} bytes, ${info.contentType}, ${info.cacheControl}, author ${info.metadata?.["author"]}`,
  )

  say("Read a part of it. Only these bytes are fetched:")
  const file = mediaStorage.open("documents/Grüße (1).pdf")
  console.log(`  open(…).slice(0, 8).text()      -> ${JSON.stringify(await file.slice(0, 8).text())}`)

  say("Copy, move, and list:")
  await mediaStorage.copy(avatar, "archive/2026/me.png")
  await mediaStorage.move(second, "avatars/other.png")
  for await (const { name, size } of mediaStorage.list()) console.log(`  ${String(size).padStart(7)}  ${name}`)
  const level = await mediaStorage.listdir()
  console.log(`  listdir() -> directories: ${level.directories.join(", ")}`)

  say("URLs, as each storage is configured:")
  const url = await mediaStorage.url("documents/Grüße (1).pdf")
  console.log(`  media:  ${url}`)
  if (fetchable) {
    const response = await fetch(url)
    console.log(`          fetched: ${response.status}, ${response.headers.get("content-type")}`)
    const tampered = await fetch(url.replace("Gr%C3%BC", "gr%C3%BC"))
    console.log(`          with another name in it: ${tampered.status}`)
  }

  say("Collect the app's own assets and bootstrap into the other storage, with a hash in each name, and compressed:")
  const config = staticFilesFor(staticStorage)
  const first = await collect(config)
  console.log(`  collect(config)                 -> ${first.files} files, ${first.published.written} objects written`)
  const assets = await StaticFiles.load(staticStorage)
  for (const each of ["css/app.css", "bootstrap/css/bootstrap.min.css"]) console.log(`  ${assets.url(each)}`)

  say("References have the new names too:")
  const { pathname } = new URL(assets.url("css/app.css"))
  const css = await staticStorage.open(pathname.slice(pathname.indexOf("css/"))).text()
  for (const line of css.matchAll(/.*"(?:.*)".*/g)) console.log(`  ${line[0].trim()}`)

  say("Collect once more. What is there already is not written again:")
  const { published } = await collect(config)
  console.log(`  collect(config)                 -> ${published.written} written, manifest ${published.manifest}`)

  say("A name can't leave its storage, and a missing file is told as such:")
  for (const name of ["../../etc/passwd", "avatars/nobody.png"]) {
    try {
      await mediaStorage.open(name).bytes()
    } catch (error) {
      if (!StorageError.is(error)) throw error
      console.log(`  ${error.code}: ${error.message}`)
    }
  }

  say("Delete. Deleting what is gone already is no error:")
  await mediaStorage.delete("avatars/other.png")
  await mediaStorage.delete("avatars/other.png")
  console.log(`  exists("avatars/other.png")     -> ${await mediaStorage.exists("avatars/other.png")}`)
}

const NAMES = ["acme-media", "acme-static"]

/** What is started for an argument of the command line, and the storages on it. */
const SERVICES = {
  "--s3": async () => {
    const server = await startS3ForDemo(NAMES)
    return { server, storages: s3Storages(server.options) }
  },
  "--gcs": async () => {
    const server = await startGcsForDemo(NAMES)
    return { server, storages: gcsStorages(server.options) }
  },
  "--azure": async () => {
    const server = await startAzureForDemo(NAMES)
    return { server, storages: azureStorages(server.options) }
  },
}

const [argument] = process.argv.slice(2)
if (argument === undefined) {
  await rm(folder, { recursive: true, force: true })
  const { media, static: assets } = localStorages(folder)
  console.log(`Two storages on this machine's disk, in ${folder}`)
  await run(media, assets, false)
  const stream = createReadStream(join(folder, "static/bootstrap/css/bootstrap.min.css"))
  console.log(`\nIt is a plain folder: another save from a file of it -> "${await media.save("styles.css", stream)}"`)
  say("A small app on such storages: static files, uploads, private documents. Started, and used as a browser would:")
  await visit(join(folder, "web"))
  console.log(`\nDone. Look into ${folder}; \`npm start\` leaves the app running for a browser.`)
} else if (Object.hasOwn(SERVICES, argument)) {
  const { server, storages } = await SERVICES[argument as keyof typeof SERVICES]()
  const { media, static: assets } = storages
  try {
    console.log(`Two storages on ${server.title}`)
    await run(media, assets, true)
    say("Bring everything to this machine's disk. A second time there is nothing to do:")
    const copy = new LocalStorage(join(folder, "copy"))
    await copy.deleteMany((await Array.fromAsync(copy.list())).map(({ name }) => name))
    for (const _ of [1, 2]) {
      const { copied, skipped } = await transfer(media, copy)
      console.log(`  transfer(media, copy)           -> ${copied} copied, ${skipped} skipped`)
    }
    console.log("\nDone. The server is stopped, and its data gone with it.")
  } finally {
    await Promise.all([media.close(), assets.close()])
    await server.stop()
  }
} else {
  console.error(
    `There is no demo "${argument}". Run it without an argument, or with one of: ${Object.keys(SERVICES).join(", ")}.`,
  )
  process.exitCode = 1
}
