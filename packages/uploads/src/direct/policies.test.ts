import { StorageError } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, test } from "vitest"
import { namedFile } from "./declaration.ts"
import { type DirectUploadPolicy, type DirectUploadsOptions, settingsOf } from "./policies.ts"

const storage = new MemoryStorage()
const keys = ["a key of at least 32 characters in all"]

function settings(policy: object, options: object = {}) {
  return settingsOf({ storage, keys, policies: { a: policy as DirectUploadPolicy }, ...options })
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (StorageError.is(error, "invalid-option")) return error.message
    throw error
  }
  return "nothing was refused"
}

describe("options of direct uploads", () => {
  test.each([
    [{}, "policies.a.maxSize is missing"],
    [{ maxSize: "5" }, 'policies.a.maxSize: "5" is no size'],
    [{ maxSize: 1, tpyes: [] }, 'policies.a has no option "tpyes". Did you mean "types"?'],
    [{ maxSize: 1, types: ["png"] }, 'policies.a.types: "png" is no media type'],
    [{ maxSize: 1, name: "{name}" }, "must be a pattern with {random} in it"],
    [{ maxSize: 1, name: "avatar.png" }, "gives the same name to different files"],
    [{ maxSize: 1, name: () => "a" }, "must be a pattern with {random} in it"],
    [{ maxSize: 1, name: "{random}{hash}" }, "can't have {hash}"],
    [{ maxSize: 1, name: "{radnom}" }, 'has "{radnom}"'],
    [{ maxSize: 1, prefix: "../up" }, 'policies.a.prefix must be the name of a folder, like "avatars/", not "../up"'],
    [{ maxSize: 1, prefix: "/up" }, "must be the name of a folder"],
    [{ maxSize: 1, expiresIn: "soon" }, 'policies.a.expiresIn: "soon" is no duration'],
    [{ maxSize: 1, expiresIn: 0 }, "policies.a.expiresIn must be 1 second at least"],
  ])("a policy %j is refused", (policy, message) => {
    expect(messageOf(() => settings(policy))).toContain(message)
  })

  test.each([
    [{ storage: {} }, "storage must be a Storage"],
    [{ storage: undefined }, "storage must be a Storage"],
    [{ policies: {} }, "policies must tell what may be uploaded"],
    [{ partSize: 0 }, "partSize must be 1 byte at least"],
    [{ partsAbove: "lots" }, 'partsAbove: "lots" is no size'],
    [{ signaturesExpireIn: 0 }, "signaturesExpireIn must be 1 second at least"],
    [{ pendingPrefix: "" }, "pendingPrefix must be the name of a folder"],
    [{ key: [] }, 'directUploads() has no option "key". Did you mean "keys"?'],
  ])("the options %j are refused", (options, message) => {
    expect(messageOf(() => settings({ maxSize: 1 }, options))).toContain(message)
  })

  test("have the defaults that are documented", () => {
    const { partsAbove, partSize, pendingPrefix, policies, signaturesExpireIn } = settings({ maxSize: "5 MB" })
    expect({ partsAbove, partSize, pendingPrefix, signaturesExpireIn }).toEqual({
      partsAbove: 16 * 2 ** 20,
      partSize: 8 * 2 ** 20,
      pendingPrefix: ".direct-uploads/",
      signaturesExpireIn: 900,
    })
    expect(policies.get("a")).toMatchObject({ maxSize: 5_000_000, expiresIn: 86_400, types: undefined })
  })
})

describe("the name of a direct upload", () => {
  const upload = { policy: "a", name: "My photo.PNG", size: 1, owner: "anna" }

  async function nameBy(policy: object, options?: Partial<DirectUploadsOptions>) {
    return settings({ maxSize: 1, ...policy }, options)
      .policies.get("a")!
      .name(upload, namedFile(upload, "image/png"))
  }

  test("is random, with its extension, below the prefix", async () => {
    expect(await nameBy({})).toMatch(/^[A-Za-z0-9]{24}\.png$/)
    expect(await nameBy({ prefix: "avatars" })).toMatch(/^avatars\/[A-Za-z0-9]{24}\.png$/)
    expect(await nameBy({ prefix: "a/b/", name: "{stem}-{random}{ext}" })).toMatch(/^a\/b\/My_photo-\w{24}\.png$/)
    expect(await nameBy({ prefix: async ({ owner }: { owner: string }) => `of/${owner}` })).toMatch(
      /^of\/anna\/\w+\.png$/,
    )
    expect(await nameBy({ prefix: () => "" })).toMatch(/^\w+\.png$/)
  })

  test("never leaves its place, whatever the prefix is made of", async () => {
    await expect(nameBy({ prefix: () => "users/../../etc" })).rejects.toThrow("must be the name of a folder")
    await expect(nameBy({ prefix: () => undefined })).resolves.toMatch(/^\w+\.png$/)
  })
})
