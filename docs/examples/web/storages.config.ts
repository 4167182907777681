import { createHmac } from "node:crypto"
import { defineStorages } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"

/** In an app it comes from the environment; several may be given, of which the first signs. */
const SECRET = process.env["SECRET"] ?? "only for this example: a secret that everybody can read"

/** One secret, and a key of its own for each use. */
export function keyFor(use: string): string {
  return createHmac("sha256", SECRET).update(use).digest("base64")
}

/** Three storages, each configured on its own. On a cloud service only the class changes. */
export function storagesIn(folder: string) {
  return defineStorages({
    /** The app's own assets: public, with hashed names. */
    static: () => new LocalStorage(`${folder}/static`, { baseUrl: "/static/" }),
    /** Pictures that visitors upload: public to read, and uploads need a signature. */
    media: () =>
      new LocalStorage(`${folder}/media`, { baseUrl: "/media/", signingKeys: [keyFor("media")], signedUrls: false }),
    /** Documents: only for who is signed in, or was given a signed link. */
    documents: () =>
      new LocalStorage(`${folder}/documents`, { baseUrl: "/documents/", signingKeys: [keyFor("documents")] }),
  })
}

export type AppStorages = ReturnType<typeof storagesIn>
