import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { S3Storage } from "@node-storages/s3"
import { afterEach, describe, expect, it } from "vitest"
import { describeOnS3 } from "./support.ts"

describeOnS3("a service that nobody has described", (bucket) => {
  it("is asked once whether it honours If-None-Match, and leaves nothing of the question behind", async () => {
    const storage = bucket().storage({ conditionalCreate: undefined, location: "asked" })
    const puts: string[] = []
    storage.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === "PutObjectCommand") puts.push((args.input as { Key: string }).Key)
        return next(args)
      },
      { step: "initialize", name: "countPuts" },
    )
    expect(await storage.save("a.txt", "one")).toBe("a.txt")
    expect(await storage.save("b.txt", "two")).toBe("b.txt")
    expect(puts.filter((key) => key.includes("probe"))).toHaveLength(2)
    expect(await bucket().keys("asked/")).toEqual(["asked/a.txt", "asked/b.txt"])
  })
})

describeOnS3("callers that save at the same time on a service that nobody has described", (bucket) => {
  it("share the question, and one that gives up does not end it for the others", async () => {
    const storage = bucket().storage({ conditionalCreate: undefined })
    const controller = new AbortController()
    storage.client.middlewareStack.add(
      (next) => async (args) => {
        controller.abort()
        return next(args)
      },
      { step: "initialize", name: "abortAtFirstRequest" },
    )
    const impatient = storage.save("a.txt", "impatient", { signal: controller.signal })
    const patient = storage.save("a.txt", "patient")
    await expect(impatient).rejects.toMatchObject({ code: "aborted" })
    expect(await patient).toBe("a.txt")
    expect(await storage.open("a.txt").text()).toBe("patient")
  })
})

describe("a service that ignores If-None-Match", () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function ignorantService(): Promise<{ endpoint: string; objects: Map<string, string> }> {
    const objects = new Map<string, string>()
    server = createServer((request, response) => {
      void answer(request, response)
    })
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const body = await bodyOf(request)
      const path = request.url!.split("?")[0]!
      if (request.method === "PUT") objects.set(path, body)
      if (request.method === "DELETE") objects.delete(path)
      response.writeHead(request.method === "DELETE" ? 204 : 200).end()
    }
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve))
    return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects }
  }

  it("never has save() overwrite in silence: it is refused with `unsupported` and a way out", async () => {
    const { endpoint, objects } = await ignorantService()
    const storage = new S3Storage("bucket", {
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    })
    objects.set("/bucket/a.txt", "precious")
    await expect(storage.save("a.txt", "new")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("overwrite: true") as string,
    })
    expect([...objects]).toEqual([["/bucket/a.txt", "precious"]])
    expect(await storage.save("a.txt", "new", { overwrite: true })).toBe("a.txt")
    expect(objects.get("/bucket/a.txt")).toBe("new")
  })
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ""
  for await (const chunk of request) body += String(chunk)
  return body
}
