import { nodeHandler, STATIC_FILES } from "@node-storages/http"
import { StaticFiles } from "@node-storages/static"
import { directUploadNodeHandler, directUploads, receiveForm, UploadError } from "@node-storages/uploads"
import express, { type Express, type Request } from "express"
import { page, type PageContent } from "./page.ts"
import { sessionCookie, userOf } from "./session.ts"
import { type AppStorages, keyFor } from "./storages.config.ts"

const MESSAGES = [
  { id: "saved", text: "The picture is in the media storage.", isError: false },
  { id: "members", text: "Documents are for members. Sign in, or ask a member for a link.", isError: true },
]

/** The app, on static files that were collected before. */
export async function createApp(storages: AppStorages): Promise<Express> {
  const { media, documents } = storages
  const files = await StaticFiles.load(storages.static)

  const app = express()
  app.disable("x-powered-by")
  app.use("/static", nodeHandler(storages.static, { ...STATIC_FILES }))
  // A name is never used again, so that what is cached is always right.
  app.use("/media", nodeHandler(media, { cacheControl: "public, max-age=31536000, immutable" }))
  app.use(
    "/documents",
    nodeHandler(documents, {
      authorize: (request) =>
        userOf(request) !== undefined || { status: 303, headers: { location: "/?message=members" } },
    }),
  )

  async function content(request: Request): Promise<PageContent> {
    const photos = []
    for await (const { name, size } of media.list("photos")) photos.push({ name, size, url: media.publicUrl(name) })
    const own = []
    for await (const info of documents.list()) {
      const signedUrl = await documents.url(info.name, { expiresIn: "10m" })
      own.push({ info, url: signedUrl.slice(0, signedUrl.indexOf("?")), signedUrl })
    }
    const asked = MESSAGES.find(({ id }) => id === request.query["message"])
    return { photos, documents: own, user: userOf(request), message: asked }
  }

  app.get("/", async (request, response) => {
    response
      .set("cache-control", "no-cache")
      .type("html")
      .send(String(page(files, await content(request))))
  })

  app.post("/photos", async (request, response) => {
    try {
      await receiveForm(request, {
        storage: media,
        types: ["image/*"],
        limits: { fileSize: "5 MB", files: 1 },
        name: "photos/{name}",
      })
      response.redirect(303, "/?message=saved")
    } catch (error) {
      if (!UploadError.is(error)) throw error
      const message = { text: error.message, isError: true }
      response
        .status(error.status)
        .type("html")
        .send(String(page(files, { ...(await content(request)), message })))
    }
  })

  const uploads = directUploads({
    storage: media,
    keys: [keyFor("uploads")],
    policies: {
      photo: { prefix: "photos/", types: ["image/*"], maxSize: "50 MB", name: "{stem}_{random}{ext}" },
    },
  })
  app.use("/uploads", directUploadNodeHandler(uploads, { authorize: () => true }))

  app.post("/sign-in", (_, response) => {
    response.set("set-cookie", sessionCookie("Ada")).redirect(303, "/")
  })
  app.post("/sign-out", (_, response) => {
    response.set("set-cookie", sessionCookie(undefined)).redirect(303, "/")
  })
  return app
}
