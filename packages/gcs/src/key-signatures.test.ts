import { createSecretKey, createSign, generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { signingBy } from "./key-signatures.ts"

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const texts = ["", "GOOG4-RSA-SHA256", "日本語 🎉", "x".repeat(10_000)]
const expected = texts.map((text) => createSign("RSA-SHA256").update(text).sign(privateKey, "hex"))

describe("signatures by a private key", () => {
  it("are the same asked for one by one and together, each for its text", async () => {
    const sign = signingBy(privateKey)
    const alone: string[] = []
    for (const text of texts) alone.push((await sign(text)).toString("hex"))
    const together = await Promise.all(texts.map(sign))
    expect(alone).toEqual(expected)
    expect(together.map((signature) => signature.toString("hex"))).toEqual(expected)
  })

  it("that are asked for together hold up nothing", async () => {
    const sign = signingBy(privateKey)
    const order: string[] = []
    const all = Promise.all(Array.from({ length: 200 }, (_, number) => sign(`text ${number}`)))
    setImmediate(() => order.push("something else"))
    await all.then(() => order.push("signatures"))
    expect(order).toEqual(["something else", "signatures"])
  })

  it("fail for whoever asked, alone or with others, and are made again afterwards", async () => {
    const sign = signingBy(createSecretKey("no RSA key", "utf8"))
    await expect(sign("a")).rejects.toThrow(/key/i)
    const together = await Promise.allSettled([sign("a"), sign("b")])
    expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    await expect(sign("a")).rejects.toThrow(/key/i)
  })
})
