import { ContainerSASPermissions } from "@azure/storage-blob"
import { expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { describeOnAzure } from "./support.ts"

describeOnAzure("a shared access signature without the letter", (container) => {
  /** A storage that may do what these letters say. */
  async function allowed(letters: string) {
    const url = await container().client.generateSasUrl({
      permissions: ContainerSASPermissions.parse(letters),
      expiresOn: new Date(Date.now() + 3_600_000),
    })
    const { endpoint } = container().connection
    return container().storage({
      accountName: undefined,
      accountKey: undefined,
      endpoint,
      sasToken: new URL(url).search,
    })
  }

  const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"

  it("for writing, deleting, listing or reading is refused, and told which one it is", async () => {
    const refused: [
      letters: string,
      ending: string,
      call: (storage: Awaited<ReturnType<typeof allowed>>) => unknown,
    ][] = [
      [
        "rl",
        `${BLOBS}/write on the container "NAME" (the role Storage Blob Data Contributor, or c and w in a SAS)`,
        (azure) => azure.write("a.txt", "x"),
      ],
      [
        "rl",
        `${BLOBS}/delete on the container "NAME" (the role Storage Blob Data Contributor, or d in a SAS)`,
        (azure) => azure.delete("a.txt"),
      ],
      [
        "rcw",
        `${BLOBS}/read on the container "NAME" (the role Storage Blob Data Reader, or l in a SAS)`,
        (azure) => azure.listdir(),
      ],
      [
        "cw",
        `${BLOBS}/read on the container "NAME" (the role Storage Blob Data Reader, or r in a SAS)`,
        (azure) => azure.open("a.txt").bytes(),
      ],
      [
        "cw",
        `${BLOBS}/read on the container "NAME" (the role Storage Blob Data Reader, or r in a SAS)`,
        (azure) => azure.exists("a.txt"),
      ],
    ]
    for (const [letters, ending, call] of refused) {
      const { code, message } = await failureOf(Promise.resolve(call(await allowed(letters))))
      expect([ending, code]).toEqual([ending, "permission-denied"])
      expect(message).toContain(`. It needs ${ending.replace("NAME", container().name)}`)
    }
  })

  it("is enough for what its letters allow", async () => {
    const azure = await allowed("rcwdl")
    await azure.write("a.txt", "x")
    expect((await azure.listdir()).files.map(({ name }) => name)).toEqual(["a.txt"])
    await azure.delete("a.txt")
    expect(await azure.exists("a.txt")).toBe(false)
  })
})
