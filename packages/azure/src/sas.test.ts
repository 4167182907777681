import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { delegationSas, SAS_VERSION, type SasGrant, serviceSas } from "./sas.ts"
import { accountSigner, delegatedSigner } from "./text-signers.ts"

const credential = new StorageSharedKeyCredential("acme", Buffer.from("a key of the account").toString("base64"))
const container = "media"

const text = fc.string({ unit: "grapheme", maxLength: 30 })
const date = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })

interface Case extends Omit<SasGrant, "blob"> {
  readonly key: string
}

const cases: fc.Arbitrary<Case> = fc.record({
  key: fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  permissions: fc.constantFrom("r", "cw", "rt"),
  expiresAt: date,
  httpsOnly: fc.boolean(),
  contentDisposition: fc.option(text, { nil: undefined }),
  contentType: fc.option(text, { nil: undefined }),
})

const delegationKeys: fc.Arbitrary<UserDelegationKey> = fc.record({
  signedObjectId: fc.uuid(),
  signedTenantId: fc.uuid(),
  signedStartsOn: date,
  signedExpiresOn: date,
  signedService: fc.constant("b"),
  signedVersion: fc.constantFrom("2026-10-06", "2025-07-05"),
  value: fc.base64String({ minLength: 4 }),
  signedDelegatedUserTenantId: fc.option(fc.uuid(), { nil: undefined }),
}) as fc.Arbitrary<UserDelegationKey>

/** The same, as the official client is told of it. */
function officialValues({ key, permissions, expiresAt, httpsOnly, contentDisposition, contentType }: Case) {
  return {
    version: SAS_VERSION,
    containerName: container,
    blobName: key,
    permissions: BlobSASPermissions.parse(permissions),
    expiresOn: expiresAt,
    ...(httpsOnly && { protocol: SASProtocol.Https }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(contentType !== undefined && { contentType }),
  }
}

const grantOf = ({ key, ...rest }: Case): SasGrant => ({ ...rest, blob: `/blob/acme/${container}/${key}` })

describe("a shared access signature", () => {
  it("by the account's key is that of the official client, byte for byte", () => {
    fc.assert(
      fc.property(cases, (each) => {
        const official = generateBlobSASQueryParameters(officialValues(each), credential).toString()
        expect(serviceSas(grantOf(each), accountSigner(credential))).toBe(official)
      }),
    )
  })

  it("by user delegation is that of the official client, byte for byte", () => {
    fc.assert(
      fc.property(cases, delegationKeys, (each, key) => {
        const official = generateBlobSASQueryParameters(officialValues(each), key, "acme").toString()
        expect(delegationSas(grantOf(each), delegatedSigner(key))).toBe(official)
      }),
    )
  })
})
