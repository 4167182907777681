import { randomUUID } from "node:crypto"
import { GCSStorage } from "@node-storages/gcs"
import { OAuth2Client } from "google-auth-library"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { BUCKET, optionsFor, useGcsServer } from "./support.ts"

const server = useGcsServer()

describe("an account that may do nothing", () => {
  const storage = () =>
    new GCSStorage(BUCKET, { ...optionsFor(server(), server().accountWithoutAccess), location: randomUUID() })

  it("is told the permission of each operation, the bucket, and a role", async () => {
    const gcs = storage()
    const refused: [permission: string, role: string, call: () => Promise<unknown>][] = [
      ["storage.objects.create", "Storage Object User", () => gcs.write("a.txt", "x")],
      ["storage.objects.get", "Storage Object Viewer", () => gcs.open("a.txt").bytes()],
      ["storage.objects.get", "Storage Object Viewer", () => gcs.stat("a.txt")],
      ["storage.objects.delete", "Storage Object User", () => gcs.delete("a.txt")],
      ["storage.objects.list", "Storage Object Viewer", () => gcs.listdir()],
    ]
    for (const [permission, role, call] of refused) {
      const { code, message } = await failureOf(call())
      expect([permission, code]).toEqual([permission, "permission-denied"])
      // The service's own words come before, and name the same one.
      expect(message).toContain(`does not have ${permission} access`)
      expect(message).toContain(`. It needs ${permission} on gs://${BUCKET} (the role ${role})`)
    }
  })

  it("is told what uploads in parts need", async () => {
    const { code, message } = await failureOf(storage().startMultipart("a.bin"))
    expect(code).toBe("permission-denied")
    expect(message).toContain(". It needs storage.multipartUploads.create and storage.multipartUploads.listParts")
  })

  it("is told what signing without a private key needs", async () => {
    const authClient = new OAuth2Client()
    authClient.setCredentials({ access_token: server().accessToken(), expiry_date: Date.now() + 3_600_000 })
    const gcs = new GCSStorage(BUCKET, {
      authClient,
      apiEndpoint: server().endpoint,
      signingEndpoint: `${server().endpoint}/v1/projects/-/serviceAccounts/`,
      serviceAccountEmail: server().credentials.client_email,
    })
    server().faults.add({ status: 403, times: 1 })
    const { code, message } = await failureOf(gcs.url("a.txt"))
    expect(code).toBe("permission-denied")
    expect(message).toContain("for signing without a private key also iam.serviceAccounts.signBlob")
  })
})
