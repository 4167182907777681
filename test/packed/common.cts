/** A CommonJS app: `require` of ES modules, which Node has without a flag from 22.12 on. */
const core: typeof import("@node-storages/core") = require("@node-storages/core")
const { LocalStorage }: typeof import("@node-storages/local") = require("@node-storages/local")
const { S3Storage }: typeof import("@node-storages/s3") = require("@node-storages/s3")

const storage: import("@node-storages/core").Storage = new LocalStorage("media")
const bucket = new S3Storage("acme", { region: "eu-west-1", baseUrl: "https://static.example.com" })

async function use(): Promise<void> {
  const name = await storage.save("a.txt", "hello")
  if ((await storage.open(name).text()) !== "hello") throw new Error("the content is another one")
  const missing: unknown = await storage.stat("nothing").catch((error: unknown) => error)
  if (!core.StorageError.is(missing, "not-found")) throw missing
  if (bucket.publicUrl("a") !== "https://static.example.com/a") throw new Error("the URL is another one")
  await storage.delete(name)
}

void use().then(() => console.log("The packed packages work by require."))
