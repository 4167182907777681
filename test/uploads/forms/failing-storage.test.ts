import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm, UploadError } from "@node-storages/uploads"
import { type StorageDriver, StorageError, intercept } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { hooked, systemError } from "../../../packages/local/test/faulty.ts"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import { expectNoUnhandledErrors } from "./unhandled-errors.ts"
import { bodyOf, CONTENT_TYPE, END, filePart, formRequest, namesIn, PNG, receiver } from "./support.ts"

expectNoUnhandledErrors()

const first = filePart("first", "first.png", PNG)
const content = sampleBytes(2 * MEBIBYTE)

describe("a storage that fails", () => {
  const failing = (at: number, error: Error) => {
    let puts = 0
    return intercept((call) => {
      if (call.member === "put" && ++puts === at) throw error
      return call.run(call.signal)
    })
  }

  it("in the middle of a form: its error is passed on, and what was stored is removed", async () => {
    const storage = new MemoryStorage()
    const { url, outcome } = await receiver({
      storage: storage.with(failing(3, new StorageError("no-space", "The bucket is full."))),
    })
    const body = bodyOf(first, filePart("a", "a.bin", content), filePart("b", "b.bin", content), END)
    const response = await fetch(url, { method: "POST", headers: { "content-type": CONTENT_TYPE }, body })
    expect(response.status).toBe(507)
    const ended = await outcome()
    expect("error" in ended && StorageError.is(ended.error) && ended.error.code).toBe("no-space")
    expect(await namesIn(storage)).toEqual([])
  })

  it("in the middle of a file: the disk is full, at every call in turn, and nothing is left", async () => {
    let reached = true
    let failures = 0
    for (let at = 1; reached; at++) {
      const root = await temporaryRoot()
      let calls = 0
      reached = false
      const fileSystem = hooked((call) => {
        if (call === "unlink" || call === "rmdir" || call === "readdir" || call === "handle.close") return
        if (++calls !== at) return
        reached = true
        throw systemError("ENOSPC")
      })
      const storage = new LocalStorage(root, { fileSystem })
      const request = formRequest(
        filePart("a", "a.bin", content.subarray(0, 300_000)),
        filePart("b", "b.html", "<html>"),
        END,
      )
      const error: unknown = await receiveForm(request, { storage }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) continue
      failures++
      expect(StorageError.is(error)).toBe(true)
      const left = (await filesBelow(root)).filter((path) => !path.includes(".node-storages"))
      expect({ at, left }).toEqual({ at, left: [] })
      expect((await filesBelow(root)).filter((path) => path.includes("tmp"))).toEqual([])
    }
    expect(failures).toBeGreaterThan(5)
  })

  it("and can't remove what it stored either: the names are told", async () => {
    const storage = new MemoryStorage()
    const broken = storage.with((next: StorageDriver) => ({
      ...next,
      features: next.features,
      removeMany: undefined,
      remove: async () => {
        throw new Error("no deletes today")
      },
    }))
    const promise = receiveForm(formRequest(first, filePart("a", "a.bin", content).subarray(0, 5000)), {
      storage: broken,
    })
    const error: unknown = await promise.catch((reason: unknown) => reason)
    if (!StorageError.is(error, "partial-failure")) throw error
    expect(error.failures?.map(({ name }) => name)).toEqual(["first.png"])
    expect(error.message).toContain("It was given up because: The form ends without its closing boundary")
    expect(UploadError.is(error.cause, "truncated")).toBe(true)
  })
})
