/** The umbrella: what an app starts with, from one package. */
import { defineStorages, LocalStorage, type Storage } from "node-storages"
import { nodeHandler } from "node-storages/http"
import { defineStatic, source } from "node-storages/static"

const { media } = defineStorages({ media: new LocalStorage("media", { baseUrl: "/media/" }) })
const storage: Storage = media
const name = await storage.save("avatars/me.txt", "hello")
const text = await storage.open(name).text()
const config = defineStatic({ storage, sources: [source("made", () => [])] })
if (text !== "hello" || typeof nodeHandler(storage) !== "function" || config.storage !== storage) {
  throw new Error("The umbrella does not hold together.")
}
console.log("The umbrella works.")
