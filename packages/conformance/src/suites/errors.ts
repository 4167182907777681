import assert from "node:assert/strict"
import { inspect } from "node:util"
import { type Storage, StorageError } from "@node-storages/core"
import { generated, noise } from "../helpers/contents.ts"
import { expectError, failureOf, namesIn } from "../helpers/expect.ts"
import { declares, given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const REFUSED = ["permission-denied", "unauthenticated"] as const

/** Every call that reaches the service, each of which must fail where the service does. */
function calls(storage: Storage): Record<string, () => unknown> {
  return {
    write: () => storage.write("folder/ä.txt", "x"),
    "write of a stream": () => storage.write("folder/ä.txt", generated(noise(200_000))),
    "save with overwrite": () => storage.save("folder/ä.txt", "x", { overwrite: true }),
    open: () => storage.open("folder/ä.txt").bytes(),
    slice: () => storage.open("folder/ä.txt").slice(0, 3).bytes(),
    stat: () => storage.stat("folder/ä.txt"),
    exists: () => storage.exists("folder/ä.txt"),
    delete: () => storage.delete("folder/ä.txt"),
    copy: () => storage.copy("folder/ä.txt", "b.txt"),
    move: () => storage.move("folder/ä.txt", "b.txt"),
  }
}

export const errors: Suite = suite("errors", (test) => {
  test("tell code, name, storage and whether a retry may help", async ({ storage }) => {
    const error = await expectError("not-found", () => storage.stat("missing.txt"), { names: "missing.txt" })
    assert.ok(error instanceof Error)
    assert.equal(error.name, "StorageError")
    assert.equal(error.key, "missing.txt")
    assert.equal(error.retryable, false)
    assert.ok(error.storage && error.message.includes(error.storage), "the message tells the storage")
    assert.equal(JSON.parse(JSON.stringify(error)).code, "not-found")
  })

  test("of a taken name tell it and its storage", [declares("conditionalCreate")], async ({ storage }) => {
    await storage.write("taken ä.txt", "x")
    const error = await expectError("already-exists", () => storage.write("taken ä.txt", "y", { ifAbsent: true }), {
      names: "taken ä.txt",
    })
    assert.ok(error.key?.endsWith("taken ä.txt"))
    assert.ok(error.storage)
    assert.equal(error.retryable, false)
  })

  for (const operation of Object.keys(calls({} as Storage))) {
    test(
      `of ${operation} by a storage without access are permission-denied or unauthenticated`,
      [given("createWithoutAccess")],
      async ({ options }) => {
        const storage = await options.createWithoutAccess!()
        const error = await expectError(REFUSED, calls(storage)[operation]!, { names: "folder/ä.txt" })
        assert.equal(error.retryable, false)
        await storage.close()
      },
    )

    test(
      `of ${operation} where the service does not answer are network, and can be retried`,
      [given("createUnreachable")],
      async ({ options }) => {
        const storage = await options.createUnreachable!()
        const error = await expectError("network", calls(storage)[operation]!, { names: "folder/ä.txt" })
        assert.equal(error.retryable, true)
        assert.ok(error.cause !== undefined, "the error of the service's client is the cause")
        await storage.close()
      },
    )
  }

  test(
    "of a bucket that does not exist are bucket-not-found",
    [given("createOnMissingBucket")],
    async ({ options }) => {
      const storage = await options.createOnMissingBucket!()
      await expectError("bucket-not-found", () => storage.write("a.txt", "x"))
      await expectError("bucket-not-found", () => storage.write("a.txt", generated(noise(200_000))))
      await expectError("bucket-not-found", () => storage.open("a.txt").bytes())
      await expectError("bucket-not-found", () => namesIn(storage))
      await expectError("bucket-not-found", () => storage.listdir())
      await storage.close()
    },
  )

  test(
    "of a listing where the service does not answer are network",
    [given("createUnreachable")],
    async ({ options }) => {
      const storage = await options.createUnreachable!()
      await expectError("network", () => namesIn(storage))
      await expectError("network", () => storage.listdir("a"))
      await storage.close()
    },
  )

  test("and prints of a storage hold no secret", [given("secrets")], async ({ storage, options }) => {
    const made = [storage, await options.createWithoutAccess?.(), await options.createUnreachable?.()]
    for (const candidate of made) {
      if (!candidate) continue
      expectNoSecret(printed(candidate), options.secrets!)
      for (const call of Object.values(calls(candidate)))
        expectNoSecret(printed(await failureOf(call)), options.secrets!)
      expectNoSecret(printed(await failureOf(() => candidate.deleteMany(["a", "../b"]))), options.secrets!)
    }
    for (const extra of made.slice(1)) await extra?.close()
  })

  test("are the only thing that methods throw for nonsense", async ({ storage }) => {
    const nonsense = [undefined, null, 1, {}, [], Symbol("name")] as never[]
    for (const name of nonsense) {
      for (const call of [
        () => storage.write(name, "x"),
        () => storage.save(name, "x"),
        () => storage.stat(name),
        () => storage.exists(name),
        () => storage.delete(name),
        () => storage.open(name).bytes(),
        () => storage.copy(name, "a"),
        () => storage.move("a", name),
        () => storage.url(name),
        () => storage.publicUrl(name),
      ]) {
        const error = await failureOf(call)
        assert.ok(StorageError.is(error, "invalid-name"), `${inspect(name)} gave ${inspect(error)}`)
      }
    }
    assert.deepEqual(await namesIn(storage), [])
  })
})

/** All the ways in which a thing ends up in a log. */
function printed(value: unknown): string {
  const own = value instanceof Error ? `${value.stack} ${value.message}` : ""
  return `${inspect(value)} ${inspect(value, { depth: 6, showHidden: true })} ${JSON.stringify(value)} ${String(value)} ${own}`
}

function expectNoSecret(text: string, secrets: readonly string[]): void {
  // Not shown on failure: the report of a test ends up in a log too.
  for (const [index, secret] of secrets.entries()) assert.ok(!text.includes(secret), `secret ${index} is printed`)
}
