import { receiveForm } from "@node-storages/uploads"
import type { Storage } from "@node-storages/core"
import { expect, it } from "vitest"
import { describeOnAzure } from "../../azure/support.ts"
import { describeOnS3 } from "../../s3/support.ts"
import { PATIENCE } from "../../patience.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import {
  bodyOf,
  END,
  fileHead,
  filePart,
  formRequest,
  namesIn,
  PNG,
  rawConnection,
  receiver,
  refusalOf,
  requestHead,
} from "./support.ts"

const large = sampleBytes(11 * MEBIBYTE)

/**
 * What a form does in any storage: whole files by whole forms, and nothing of others.
 * @param unseen names of which parts are there
 * @param mayStay parts that have arrived of an upload that was broken off: some services have no request against them
 */
function receives(storage: () => Storage, unseen: () => Promise<string[]>, mayStay = false): void {
  const left = async () => (await unseen()).filter((name) => !(mayStay && name.endsWith("/b.bin")))

  it("stores a small and a large file, and by content", async () => {
    const media = storage()
    const parts = [filePart("a", "a.html", "<html>"), filePart("b", "b.bin", large)]
    const form = await receiveForm(formRequest(...parts, END), { storage: media, name: "{field}/{name}" })
    expect(form.files.map(({ name }) => name)).toEqual(["a/a.html", "b/b.bin"])
    expect(await media.stat("a/a.html")).toMatchObject({
      contentType: "text/html",
      contentDisposition: expect.stringMatching(/^attachment/) as string,
    })
    expect(Buffer.from(await media.open("b/b.bin").bytes()).equals(large)).toBe(true)
    await form.discard()
    const hashed = await receiveForm(formRequest(...parts, END), {
      storage: media,
      name: "{hash}{ext}",
      checksums: ["sha256"],
    })
    expect(hashed.files.map(({ name }) => name)).toEqual(
      hashed.files.map(({ checksum }, index) => `${checksum.sha256}${index ? ".bin" : ".html"}`),
    )
    const again = await receiveForm(formRequest(...parts, END), { storage: media, name: "{hash}{ext}" })
    expect(again.files.map(({ name }) => name)).toEqual(hashed.files.map(({ name }) => name))
    expect(await namesIn(media)).toHaveLength(2)
    expect(await unseen()).toEqual([])
  })

  it("leaves nothing of a form that is refused", async () => {
    const media = storage()
    const refused = formRequest(
      filePart("a", "a.png", PNG),
      filePart("b", "b.bin", large),
      filePart("c", "c.html", "<html>"),
      END,
    )
    const error = await refusalOf(receiveForm(refused, { storage: media, types: ["*/*"] }))
    expect(error.code).toBe("type-not-allowed")
    const tooLarge = formRequest(filePart("a", "a.png", PNG), filePart("b", "b.bin", large), END)
    const limits = { fileSize: "10 MiB" } as const
    expect((await refusalOf(receiveForm(tooLarge, { storage: media, limits }))).code).toBe("file-too-large")
    expect(await namesIn(media)).toEqual([])
    expect(await left()).toEqual([])
  })

  it("leaves nothing of a client that goes away in the middle of a large file", async () => {
    const media = storage()
    const { port, outcome } = await receiver({ storage: media })
    const socket = await rawConnection(port)
    const begun = bodyOf(requestHead(50_000_000), filePart("a", "a.png", PNG), fileHead("b", "b.bin"), large)
    await new Promise((resolve) => socket.write(begun, resolve))
    await expect.poll(async () => namesIn(media), { timeout: PATIENCE }).toContain("a.png")
    socket.resetAndDestroy()
    expect(await outcome()).toMatchObject({ error: { code: "truncated" } })
    expect(await namesIn(media)).toEqual([])
    expect(await left()).toEqual([])
  })
}

describeOnS3("a form into S3", (bucket) => {
  receives(
    () => bucket().storage({ partSize: 5 * MEBIBYTE }),
    async () => bucket().openUploads(),
  )
})

describeOnAzure("a form into Azure", (container) => {
  receives(
    () => container().storage(),
    async () => container().uncommitted(),
    true,
  )
})
