import { StorageError } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { hooked, systemError } from "../test/faulty.ts"
import { temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

describe("the rights of the file system", () => {
  it("name the root, and are others for changing than for reading", () => {
    const { permissions } = new LocalStorage("/srv/media").driver
    expect(permissions!.write.map(({ name, on }) => `${name} on ${on}`)).toEqual([
      "write (w) on /srv/media and the directories in it",
      "search (x) on /srv/media and the directories in it",
    ])
    expect(permissions!.read.map(({ name }) => name)).toEqual(["read (r)", "search (x)"])
  })

  it.each([
    ["write", "open", "write (w) and search (x)"],
    ["delete", "unlink", "write (w) and search (x)"],
    ["listdir", "readdir", "read (r) and search (x)"],
  ] as const)("end the message of a %s that the system refuses", async (operation, call, rights) => {
    const root = await temporaryRoot()
    let refuses = false
    const fileSystem = hooked((name) => {
      if (refuses && name === call) throw systemError("EACCES")
    })
    const storage = new LocalStorage(root, { fileSystem })
    await storage.write("a.txt", "x")
    refuses = true
    const calls = {
      write: () => storage.write("b.txt", "x"),
      delete: () => storage.delete("a.txt"),
      listdir: () => storage.listdir(),
    }
    const error: unknown = await calls[operation]().catch((reason: unknown) => reason)
    if (!StorageError.is(error)) throw error
    expect(error.code).toBe("permission-denied")
    expect(error.message.endsWith(`. It needs ${rights} on ${root} and the directories in it`)).toBe(true)
  })
})
