import { defineStorages, storageFromUrl } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"

const { media } = defineStorages({ media: new LocalStorage("media", { baseUrl: "/media/" }) })
await media.write("a.txt", "hello")
console.log(
  await media.open("a.txt").text(),
  media.publicUrl("a.txt"),
  storageFromUrl("file:///srv/media").constructor === LocalStorage,
)
