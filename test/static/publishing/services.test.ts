import { randomUUID } from "node:crypto"
import type { Storage } from "@node-storages/core"
import { S3Storage } from "@node-storages/s3"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { clear, prune, Publisher } from "@node-storages/static"
import { describeOnAzure } from "../../azure/support.ts"
import { storageOn } from "../../gcs/support.ts"
import { connectionOptions, describeOnS3 } from "../../s3/support.ts"
import { contents, counted, expectRelease, filesOf, hashedName, publish, staticFailureOf } from "./support.ts"
import { provided } from "../../servers/provided.ts"

const FIRST = { "css/app.css": "a{}", "js/app (1).js": "let a", "robots.txt": "allow" }
const SECOND = { ...FIRST, "css/app.css": "b{}" }

/** @param tellsDigests whether listings do: that of S3 does not, where the entity tag may be that of encrypted bytes */
function publishes(tellsDigests: boolean, create: () => Storage): void {
  it("writes nothing the second time, and then what has changed", async () => {
    const bare = create()
    await publish(bare, FIRST, { encodings: ["br"] })
    const { layer, calls, reset } = counted()
    const target = bare.with(layer)
    expect(await publish(target, FIRST, { encodings: ["br"] })).toMatchObject({ written: 0, manifest: "unchanged" })
    expect(calls).toEqual({ page: 1, get: 1 })
    reset()
    expect(await publish(target, SECOND, { encodings: ["br"] })).toMatchObject({ written: 4, manifest: "written" })
    expect(calls["put"]).toBe(6)
    await expectRelease(bare, SECOND)
    expect(await publish(bare, SECOND, { encodings: ["br"] })).toMatchObject({ written: 0, manifest: "unchanged" })
  })

  it("notices a plain file that a failed run has left in another version of the same size", async () => {
    const target = create()
    await publish(target, FIRST)
    const publisher = await Publisher.open(target)
    for (const file of filesOf(SECOND).files) await publisher.publish(file)
    expect((await publish(target, FIRST)).names).toEqual(["css/app.css"])
    expect(await contents(target)).toMatchObject(FIRST)
    expect(await publish(target, FIRST)).toMatchObject({ written: 0, manifest: "unchanged" })
  })

  it("heals bytes that are others, also of the same size where it is told digests", async () => {
    const target = create()
    await publish(target, FIRST)
    const name = hashedName("css/app.css", "a{}")
    await target.write(name, tellsDigests ? "x{}" : "x{", { contentType: "text/plain", cacheControl: "public" })
    expect((await publish(target, FIRST)).names).toEqual([name])
    await expectRelease(target, FIRST)
  })

  it("writes files again whose headers have changed", async () => {
    const target = create()
    await publish(target, FIRST, { cacheControl: "max-age=1" })
    expect(await publish(target, FIRST, { cacheControl: "max-age=2" })).toMatchObject({ written: 6 })
    expect((await target.stat("robots.txt")).cacheControl).toBe("max-age=2")
    expect(await publish(target, FIRST, { cacheControl: "max-age=2" })).toMatchObject({ written: 0 })
  })

  it.each([true, false])("notices that another collect has finished (a manifest was there: %s)", async (there) => {
    const target = create()
    if (there) await publish(target, { "old.css": "old" })
    const { files, manifest } = filesOf(FIRST)
    const publisher = await Publisher.open(target)
    for (const file of files) await publisher.publish(file)
    await publish(target, SECOND)
    await staticFailureOf(publisher.finish(manifest), "collect-in-progress")
    await expectRelease(target, SECOND)
  })

  it("prunes what is over, and is cleared", async () => {
    const target = create()
    await publish(target, FIRST)
    await publish(target, SECOND)
    // Some services tell times in whole seconds.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 })
    onTestFinished(() => void vi.useRealTimers())
    expect((await prune(target, { olderThan: 0, keep: 0 })).deleted).toEqual([hashedName("css/app.css", "a{}")])
    await expectRelease(target, SECOND)
    expect(await clear(target)).toMatchObject({ cleared: true })
    expect(await contents(target, true)).toEqual({})
  })
}

describeOnAzure("publishing to Azure", (container) => publishes(true, () => container().storage()))
describeOnS3("publishing to S3", (bucket) => publishes(false, () => bucket().storage()))

const gcs = provided("gcs")
describe("publishing to GCS", () => publishes(true, () => storageOn(gcs, gcs.buckets[0]!)))

const r2 = provided("r2")
describe.skipIf("reason" in r2)("publishing to R2", () =>
  publishes(false, () => {
    if ("reason" in r2) throw new Error(r2.reason)
    const conditions = { conditionalCreate: "put", conditionalMatch: true } as const
    const place = { forcePathStyle: true, location: randomUUID() }
    return new S3Storage(r2.buckets[0]!, { ...connectionOptions(r2), ...conditions, ...place })
  }),
)
