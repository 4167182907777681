import { describe, expect, it } from "vitest"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { upload, UploadServer } from "../../bench/upload-clients.ts"
import { MEBIBYTE } from "../../sample-bytes.ts"

describe("the memory of a server that takes uploads", () => {
  it("stays bounded while 100 slow clients send 200 MiB at once", async () => {
    const folder = await temporaryRoot()
    const server = await UploadServer.start(folder, "receiveForm")
    try {
      const sending = { size: 2 * MEBIBYTE, chunk: 128 * 1024, every: 100 }
      const clients = Array.from({ length: 100 }, async () => upload(server.port, "receiveForm", sending))
      expect(new Set(await Promise.all(clients))).toEqual(new Set([200]))
      expect(await server.growth()).toBeLessThan(150 * MEBIBYTE)
      expect(await filesBelow(folder)).toHaveLength(100)
    } finally {
      await server.stop()
    }
  })

  it("does not grow with a form's size", async () => {
    const folder = await temporaryRoot()
    const server = await UploadServer.start(folder, "receiveForm")
    try {
      expect(await upload(server.port, "receiveForm", { size: 300 * MEBIBYTE, chunk: 256 * 1024 })).toBe(200)
      expect(await server.growth()).toBeLessThan(150 * MEBIBYTE)
    } finally {
      await server.stop()
    }
  })
})
