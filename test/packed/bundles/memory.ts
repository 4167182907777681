import { MemoryStorage } from "@node-storages/memory"

const storage = new MemoryStorage()
await storage.write("a.txt", "hello")
console.log(await storage.open("a.txt").text())
