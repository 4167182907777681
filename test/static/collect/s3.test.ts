import { collect, defineStatic, StaticFiles } from "@node-storages/static"
import { expect, it } from "vitest"
import { describeOnS3 } from "../../s3/support.ts"
import { SITE, writeFiles } from "./site.ts"

describeOnS3("collecting into a bucket", (bucket) => {
  it("stores each file once, with its headers; a second time it lists, reads the manifest, and no more", async () => {
    const storage = bucket().storage({ location: "static", signedUrls: false })
    const commands: string[] = []
    storage.client.middlewareStack.add(
      (next, context) => async (args) => {
        commands.push(context.commandName ?? "")
        return next(args)
      },
      { step: "initialize", name: "countCommands" },
    )
    const config = defineStatic({ storage, sources: [await writeFiles(SITE)], cacheFolder: false })
    const first = await collect(config)
    expect(commands.filter((name) => name === "PutObjectCommand")).toHaveLength(first.published.written + 1)

    commands.length = 0
    const { published } = await collect(config)
    expect(published).toMatchObject({ written: 0, manifest: "unchanged" })
    expect(commands.toSorted()).toEqual(["GetObjectCommand", "ListObjectsV2Command"])

    const files = await StaticFiles.load(storage)
    const name = files.url("css/app.css").split("/static/")[1]!
    expect(await storage.stat(name)).toMatchObject({
      contentType: "text/css",
      cacheControl: "public, max-age=31536000, immutable",
    })
  })
})
