import { randomUUID } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import { describeStorage, type Gap, type TestRunner } from "@node-storages/conformance"
import { SftpStorage, type SftpStorageOptions } from "storages-sftp"
import { describe, it } from "vitest"
import { access, describeOnOpenSsh } from "./support.ts"
import { TIME_LIMIT } from "../../../../test/patience.ts"

const WRONG_PASSWORD = "not-the-right-one-at-all"

const NO_TYPE = "SFTP keeps no content type: it is that of the name's extension"

/** What SFTP can't do, by test. `files.test.ts` holds what else these tests look at. */
const GAPS: readonly Gap[] = [
  { test: "write > tells the same as a stat afterwards", reason: NO_TYPE },
  { test: /^metadata > the content type is the (caller|Blob)'s/, reason: NO_TYPE },
  { test: /^failing content > a .* that fails in the middle leaves the old version whole$/, reason: NO_TYPE },
  { test: /^(copy|move) > (carries|replaces)/, reason: NO_TYPE },
  { test: /^copy > (of a file onto itself leaves|to another storage carries)/, reason: NO_TYPE },
]

/** Each test has a folder and a connection of its own: some run at once. */
const concurrently: TestRunner = {
  describe,
  it: Object.assign((...test: Parameters<TestRunner["it"]>) => it.concurrent(...test), {
    skip: (title: string, body: () => Promise<void>) => it.skip(title, body),
  }),
}

await describeOnOpenSsh("on OpenSSH", (server) => {
  const make = (options: Partial<SftpStorageOptions> = {}) =>
    new SftpStorage(join(server.folder, randomUUID()), { ...access(server), ...options })

  describeStorage("SftpStorage", {
    runner: concurrently,
    create: () => make(),
    createWith: (options) => make(options),
    urls: { notServed: "nothing serves the server's files over HTTP" },
    createWithoutAccess: () => make({ privateKey: undefined, password: WRONG_PASSWORD }),
    createUnreachable: () => make({ port: 1 }),
    foreignKeys: async (storage) => ({
      async put(key, bytes) {
        if (normalize(key) !== key || key.startsWith("/") || key.endsWith("/"))
          throw new Error("not a path below the root")
        const folder = fileURLToPath((storage as SftpStorage).driver.target.replace(/^sftp:\/\/[^/]*/, "file://"))
        const path = join(folder, key)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, bytes)
      },
    }),
    secrets: [WRONG_PASSWORD, server.privateKey],
    gaps: GAPS,
    timeout: TIME_LIMIT,
  })
})
