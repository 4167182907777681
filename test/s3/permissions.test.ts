import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3"
import { S3Storage } from "@node-storages/s3"
import { afterEach, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { sampleBytes } from "../sample-bytes.ts"
import { describeOnS3 } from "./support.ts"

const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] })

describeOnS3("a refusal by the bucket's policy", (bucket) => {
  /** Until the test ends nobody may do this. */
  async function forbid(...actions: string[]): Promise<void> {
    const Policy = policy({ Effect: "Deny", Principal: "*", Action: actions, Resource: [arn(), `${arn()}/*`] })
    await bucket().client.send(new PutBucketPolicyCommand({ Bucket: bucket().name, Policy }))
  }

  afterEach(() => bucket().client.send(new DeleteBucketPolicyCommand({ Bucket: bucket().name })))

  const arn = () => `arn:aws:s3:::${bucket().name}`
  const needs = (action: string, on: "objects" | "bucket") => `${action} on ${arn()}${on === "objects" ? "/*" : ""}`

  it("to write, delete, list or read tells the action that the policy has forbidden, and where", async () => {
    const storage = bucket().storage()
    await storage.write("a.txt", "x")
    const refused: [action: string, on: "objects" | "bucket", call: () => Promise<unknown>][] = [
      ["s3:PutObject", "objects", () => storage.write("b.txt", "x")],
      ["s3:DeleteObject", "objects", () => storage.delete("a.txt")],
      ["s3:ListBucket", "bucket", () => storage.listdir()],
      ["s3:GetObject", "objects", () => storage.open("a.txt").bytes()],
      ["s3:GetObject", "objects", () => storage.stat("a.txt")],
    ]
    for (const [action, on, call] of refused) {
      await forbid(action)
      const { code, message } = await failureOf(call())
      expect([action, code]).toEqual([action, "permission-denied"])
      expect(message).toContain(`. It needs ${needs(action, on)}`)
    }
  })

  it("of one of many deletions tells the action with that file", async () => {
    const storage = bucket().storage()
    await storage.write("a.txt", "x")
    await forbid("s3:DeleteObject")
    const { failures } = await failureOf(storage.deleteMany(["a.txt"]))
    expect(failures?.map(({ error }) => error.code)).toEqual(["permission-denied"])
    expect(failures![0]!.error.message).toContain(`. It needs ${needs("s3:DeleteObject", "objects")}`)
  })

  it("of a long stream tells what content above a part needs as well", async () => {
    const storage = bucket().storage({ conditionalCreate: "put-and-multipart", partSize: 5 * 1024 * 1024 })
    await forbid("s3:PutObject")
    const { code, message } = await failureOf(storage.write("long.bin", sampleBytes(6 * 1024 * 1024)))
    expect(code).toBe("permission-denied")
    expect(message).toContain(`. It needs ${needs("s3:PutObject", "objects")}`)
    expect(message).toContain("for content above a part also s3:GetObject and s3:AbortMultipartUpload")
  })

  it("that hides whether there is a file tells what would show it", async () => {
    await bucket().client.send(
      new PutBucketPolicyCommand({
        Bucket: bucket().name,
        Policy: policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${arn()}/*` }),
      }),
    )
    const { endpoint, region } = bucket().connection
    // Nobody in particular: whom the bucket belongs to may always know.
    const signer: NonNullable<S3ClientConfig["signer"]> = { sign: async (request) => request }
    const credentials = { accessKeyId: "nobody", secretAccessKey: "nothing" }
    const client = new S3Client({ endpoint, region, forcePathStyle: true, signer, credentials })
    const anonymous = new S3Storage(bucket().name, { client })
    for (const call of [() => anonymous.exists("missing.txt"), () => anonymous.open("missing.txt").bytes()]) {
      const { code, message } = await failureOf(call())
      expect(code).toBe("permission-denied")
      expect(message).toContain(
        `It needs s3:GetObject on ${arn()}/*; for a missing file also s3:ListBucket on ${arn()}`,
      )
    }
    client.destroy()
  })
})
