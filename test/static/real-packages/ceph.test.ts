import { expect, it } from "vitest"
import { describeOnS3 } from "../../s3/support.ts"
import { collectTwice } from "./two-runs.ts"

/** What a bucket lists at once. */
const PAGE = 1000

describeOnS3("a tree of real packages in a bucket", (bucket) => {
  it("is written once: with nothing changed a collect lists, reads the manifest, and no more", async () => {
    const storage = bucket().storage({ location: "static", signedUrls: false })
    const commands: Record<string, number> = {}
    storage.client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          commands[commandName] = (commands[commandName] ?? 0) + 1
          return next(args)
        },
      { step: "initialize", name: "countCommands" },
    )
    const options = { compress: false, plain: false } as const
    const { first, second } = await collectTwice("a bucket", storage, () => commands, options)

    const { files, published } = first.report
    expect(files).toBeGreaterThan(10_000)
    expect(published.written).toBe(files)
    // Each file and the manifest, the largest in parts.
    const { PutObjectCommand: puts = 0, CompleteMultipartUploadCommand: inParts = 0 } = first.calls
    expect(puts + inParts).toBe(files + 1)

    expect(second.report.published).toMatchObject({ written: 0, unchanged: files, deleted: 0, manifest: "unchanged" })
    expect(second.calls).toEqual({ GetObjectCommand: 1, ListObjectsV2Command: Math.ceil((files + 1) / PAGE) })
  })
})
