import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic, source, StaticFiles } from "@node-storages/static"

const storage = new LocalStorage("static", { baseUrl: "/static/" })
const made = source("made", () => [{ name: "a.css", content: "body {}" }])
await collect(defineStatic({ storage, sources: [made] }))
console.log((await StaticFiles.load(storage)).url("a.css").replace(/[0-9a-f]{12}/, "HASH"))
