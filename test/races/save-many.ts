// Saves one name many times, from bytes and from streams, and prints [name, body] of each.
import { makeStorage, type StorageSpec } from "./storage.ts"

const { spec, name, id, count } = JSON.parse(process.argv[2]!) as {
  spec: StorageSpec
  name: string
  id: string
  count: number
}
const storage = makeStorage(spec)

async function* oneShot(text: string) {
  yield text.slice(0, 1)
  yield text.slice(1)
}

const saved = await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const body = `${id} ${index}`
    return [await storage.save(name, index % 2 ? body : oneShot(body)), body]
  }),
)
console.log(JSON.stringify(saved))
await storage.close()
