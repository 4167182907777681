import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { HeadObjectCommand } from "@aws-sdk/client-s3"
import { multerStorage } from "@node-storages/uploads"
import express from "express"
import multer, { type StorageEngine } from "multer"
import multerS3 from "multer-s3"
import { expect, it } from "vitest"
import { describeOnS3 } from "../s3/support.ts"

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

/** Posts a picture to an app with this engine. @returns what the app finds in `request.file` */
async function upload(
  storage: StorageEngine,
  name = "me.png",
  bytes: Uint8Array = PNG,
): Promise<Record<string, unknown>> {
  const app = express()
  app.post("/", multer({ storage }).single("photo"), (request, response) => {
    response.json(request.file)
  })
  const server = createServer(app)
  await once(server.listen(0, "127.0.0.1"), "listening")
  try {
    const form = new FormData()
    form.append("photo", new File([bytes], name, { type: "image/png" }))
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: form })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describeOnS3("a bucket to which multer-s3 and multerStorage upload", (bucket) => {
  const theirs = (key: string, options: Partial<Parameters<typeof multerS3>[0]> = {}) =>
    multerS3({
      s3: bucket().client,
      bucket: bucket().name,
      contentType: (request, file, done) => multerS3.AUTO_CONTENT_TYPE(request, file, done),
      metadata: (_request, file, done) => done(null, { field: file.fieldname }),
      key: (_request, _file, done) => done(null, key),
      ...options,
    })

  it("has what multer-s3 wrote under the same keys, with type and metadata", async () => {
    const file = await upload(theirs("photos/theirs.png"))
    expect(file).toMatchObject({ key: "photos/theirs.png", contentType: "image/png", bucket: bucket().name })
    const storage = bucket().storage({ location: "photos" })
    expect(await storage.stat("theirs.png")).toMatchObject({
      size: PNG.byteLength,
      contentType: "image/png",
      metadata: { field: "photo" },
    })
    expect(await storage.open("theirs.png").bytes()).toEqual(new Uint8Array(PNG))
    // `location` of multer-s3 is the address of the service; `url` is what the storage is configured for.
    expect(await (await fetch(await storage.url("theirs.png"))).bytes()).toEqual(new Uint8Array(PNG))
  })

  it("gets from multerStorage the same key, type and metadata", async () => {
    const storage = bucket().storage({ location: "" })
    const engine = multerStorage({
      storage,
      name: () => "photos/ours.png",
      metadata: ({ field }) => ({ field }),
    })
    const file = await upload(engine)
    expect(file).toMatchObject({ name: "photos/ours.png", filename: "photos/ours.png", size: PNG.byteLength })
    const head = await bucket().client.send(new HeadObjectCommand({ Bucket: bucket().name, Key: "photos/ours.png" }))
    expect(head).toMatchObject({
      ContentType: "image/png",
      Metadata: { field: "photo" },
      ContentLength: PNG.byteLength,
    })
  })

  it("loses a file to the next of the same key with multer-s3, and with multerStorage none", async () => {
    await upload(theirs("same.png"), "me.png", new Uint8Array([1]))
    await upload(theirs("same.png"), "me.png", new Uint8Array([2]))
    const storage = bucket().storage({ location: "" })
    expect([...(await storage.open("same.png").bytes())]).toEqual([2])
    const engine = () => multerStorage({ storage, name: () => "ours.bin", wrongExtension: "rename" })
    const first = await upload(engine(), "me.bin", new Uint8Array([1, 0, 3]))
    const second = await upload(engine(), "me.bin", new Uint8Array([2, 0, 3]))
    expect(second["name"]).not.toBe(first["name"])
    expect([...(await storage.open(String(first["name"])).bytes())]).toEqual([1, 0, 3])
  })

  it("takes a script as a picture from multer-s3, by its client's word or by nothing, and from multerStorage not", async () => {
    const script = new TextEncoder().encode("<!doctype html><script>alert(1)</script>")
    const file = await upload(
      theirs("evil.png", { contentType: (_request, sent, done) => done(null, sent.mimetype) }),
      "evil.png",
      script,
    )
    expect(file["contentType"]).toBe("image/png")
    const engine = multerStorage({
      storage: bucket().storage({ location: "" }),
      types: ["image/*"],
      name: "{random}{ext}",
    })
    await expect(upload(engine, "evil.png", script)).rejects.toThrow("415")
  })
})
