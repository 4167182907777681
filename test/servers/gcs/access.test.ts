import { createSign, generateKeyPairSync } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import type { ServiceAccountKey } from "./accounts.ts"
import { rawClient, reasonOf, type RawAnswer, type RawClient } from "./raw-client.ts"

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"

let now = new Date()
let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["access"], now: () => now })
  server.createBucket("uniform", { uniformBucketLevelAccess: true })
  server.createBucket("payed", { requesterPays: true })
  client = rawClient(server, "access")
})
afterAll(() => server.stop())

function jwt(account: ServiceAccountKey, claims: object, header: object = { alg: "RS256", typ: "JWT" }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createSign("RSA-SHA256").update(text).sign(account.private_key, "base64url")}`
}

function claimsOf(account: ServiceAccountKey): Record<string, unknown> {
  const iat = Math.floor(now.getTime() / 1000)
  return { iss: account.client_email, aud: account.token_uri, scope: SCOPE, iat, exp: iat + 3600 }
}

function askForToken(assertion: string, grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"): Promise<RawAnswer> {
  const body = new URLSearchParams({ grant_type: grantType, assertion }).toString()
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return client.send("POST", "/token", { body, headers, token: null })
}

describe("the token endpoint", () => {
  test("gives a token for a right assertion, which is good for an hour", async () => {
    const { json } = await askForToken(jwt(server.credentials, claimsOf(server.credentials)))
    expect(json).toEqual({ access_token: expect.any(String), expires_in: 3599, token_type: "Bearer" })
    const list = (): Promise<RawAnswer> =>
      client.send("GET", "/storage/v1/b/access/o", { token: json?.access_token ?? "" })
    expect((await list()).status).toBe(200)
    now = new Date(now.getTime() + 3600_000)
    expect(reasonOf(await list())).toBe("401 authError")
    client = rawClient(server, "access")
  })

  test("refuses an assertion with anything wrong", async () => {
    const { credentials } = server
    const right = claimsOf(credentials)
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const foreign = { ...credentials, private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }
    const iat = right["iat"] as number
    const wrong = [
      jwt(foreign, right),
      jwt(credentials, { ...right, aud: "https://example.com/token" }),
      jwt(credentials, { ...right, iss: "nobody@example.com" }),
      jwt(credentials, { ...right, exp: iat - 1 }),
      jwt(credentials, { ...right, exp: iat + 3601 }),
      jwt(credentials, { ...right, iat: iat + 600 }),
      jwt(credentials, { ...right, scope: "" }),
      jwt(credentials, right, { alg: "none" }),
      "nonsense",
    ]
    for (const assertion of wrong) expect((await askForToken(assertion)).status).toBe(400)
    expect((await askForToken(jwt(credentials, right), "password")).status).toBe(400)
  })
})

describe("a caller", () => {
  test("may come with a JWT of its own, for Storage or with scopes", async () => {
    const { aud: _, scope, ...unscoped } = claimsOf(server.credentials)
    unscoped["sub"] = server.credentials.client_email
    const list = async (token: string): Promise<string> =>
      reasonOf(await client.send("GET", "/storage/v1/b/access/o", { token }))
    expect(await list(jwt(server.credentials, { ...unscoped, scope }))).toBe("200")
    expect(await list(jwt(server.credentials, { ...unscoped, aud: "https://storage.googleapis.com/" }))).toBe("200")
    expect(await list(jwt(server.credentials, { ...unscoped, aud: "https://example.com/" }))).toBe("401 authError")
    expect(await list("unknown")).toBe("401 authError")
  })

  test("without rights is forbidden everything, one without a name is asked for it", async () => {
    await client.insert("private", "x")
    const { json } = await askForToken(jwt(server.accountWithoutAccess, claimsOf(server.accountWithoutAccess)))
    const calls = [
      ["GET", client.object("private")],
      ["GET", client.object("private", { alt: "media" })],
      ["GET", client.object("missing")],
      ["PATCH", client.object("private")],
      ["DELETE", client.object("private")],
      ["GET", "/storage/v1/b/access/o"],
      ["GET", "/storage/v1/b/no-such-bucket/o"],
      ["GET", "/storage/v1/b/access"],
      ["POST", "/upload/storage/v1/b/access/o?uploadType=media&name=a"],
      ["POST", "/upload/storage/v1/b/access/o?uploadType=resumable&name=a"],
      ["POST", `${client.object("private")}/rewriteTo/b/access/o/copy`],
      ["POST", `/v1/projects/-/serviceAccounts/${server.credentials.client_email}:signBlob`],
    ] as const
    for (const [method, path] of calls) {
      expect(reasonOf(await client.send(method, path, { token: json?.access_token ?? "" }))).toBe("403 forbidden")
      expect(reasonOf(await client.send(method, path, { token: null }))).toBe("401 required")
    }
    expect((await client.send("GET", client.object("private"))).status).toBe(200)
  })

  test("without a name may read what is public, and do nothing else with it", async () => {
    await client.insert("public", "x", { predefinedAcl: "publicRead" })
    const send = async (method: string, path: string): Promise<number> =>
      (await client.send(method, path, { token: null })).status
    expect(await send("GET", client.object("public"))).toBe(200)
    expect(await send("GET", client.object("public", { alt: "media" }))).toBe(200)
    expect(await send("DELETE", client.object("public"))).toBe(401)
    expect(await send("PATCH", client.object("public"))).toBe(401)
    await client.send("PATCH", client.object("public", { predefinedAcl: "private" }), { body: "{}" })
    expect(await send("GET", client.object("public"))).toBe(401)
  })
})

describe("a bucket", () => {
  test("with uniform access refuses a write that has an ACL", async () => {
    const uniform = rawClient(server, "uniform")
    const refused = await uniform.insert("a", "x", { predefinedAcl: "publicRead" })
    expect(reasonOf(refused)).toBe("400 invalid")
    expect(refused.json?.error?.message).toMatch(/^Cannot insert legacy ACL for an object when uniform bucket-level/)
    const acl = [{ entity: "allUsers", role: "READER" }]
    expect(reasonOf(await uniform.insertWith({ name: "a", acl }, "x"))).toBe("400 invalid")
    expect(reasonOf(await uniform.insert("a", "x"))).toBe("200")
  })

  test("whose requesters pay needs to know who", async () => {
    const payed = rawClient(server, "payed")
    expect(reasonOf(await payed.insert("a", "x"))).toBe("400 required")
    expect(reasonOf(await payed.insert("a", "x", { userProject: "mine" }))).toBe("200")
    expect(reasonOf(await payed.send("GET", payed.object("a")))).toBe("400 required")
    const headers = { "x-goog-user-project": "mine" }
    expect(reasonOf(await payed.send("GET", payed.object("a"), { headers }))).toBe("200")
  })

  test("is made and changed with the JSON API", async () => {
    const body = JSON.stringify({ name: "made", iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } })
    expect(reasonOf(await client.send("POST", "/storage/v1/b", { body }))).toBe("400 required")
    expect(reasonOf(await client.send("POST", "/storage/v1/b?project=p", { body }))).toBe("200")
    expect(reasonOf(await client.send("POST", "/storage/v1/b?project=p", { body }))).toBe("409 conflict")
    expect((await client.send("GET", "/storage/v1/b/made")).json).toMatchObject({
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    })
    const cors = [{ origin: ["*"], method: ["GET"] }]
    const patched = await client.send("PATCH", "/storage/v1/b/made", { body: JSON.stringify({ cors }) })
    expect(patched.json).toMatchObject({ cors, metageneration: "2" })
    expect(reasonOf(await client.send("GET", "/storage/v1/b/no-such-bucket"))).toBe("404 notFound")
  })
})
