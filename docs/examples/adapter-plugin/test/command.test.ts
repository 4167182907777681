import { spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, expect, it } from "vitest"
import { appFolder } from "../../../../test/cli/app-folder.ts"
import { builtCommand } from "../../../../test/cli/built.ts"
import { runInOwnProcess } from "../../../../test/cli/command-process.ts"
import { describeOnOpenSsh, newRoot } from "./support.ts"

const PLUGIN = dirname(dirname(fileURLToPath(import.meta.url)))

await describeOnOpenSsh("the command line with this package", (server) => {
  beforeAll(async () => {
    // The package is built on core as it is published, and used as it would be installed: commands have a process of
    // their own, in which the built packages are found, and no adapter that another command has imported.
    await builtCommand()
    const tsc = join(PLUGIN, "node_modules/typescript/bin/tsc")
    const built = spawnSync(process.execPath, [tsc, "-p", PLUGIN], { encoding: "utf8" })
    expect({ status: built.status, said: built.stdout + built.stderr }).toEqual({ status: 0, said: "" })
  })

  function urlOf(root: string): string {
    const { host, port, username, privateKeyFile, hostKey } = server
    const query = new URLSearchParams({ privateKeyFile, hostKey })
    return `sftp://${username}@${host}:${port}${root}?${query.toString()}`
  }

  it("reads and writes storages of sftp: URLs, when the package is imported", async () => {
    const root = newRoot(server)
    const cwd = appFolder({ "a.txt": "from the command line" })
    const storages = (...args: string[]) => runInOwnProcess(["--import", "storages-sftp", ...args], { cwd })
    const copied = await storages("--storage", urlOf(root), "cp", "./a.txt", "letters/a.txt")
    expect(copied).toMatchObject({ exitCode: 0 })
    expect(await readFile(join(root, "letters/a.txt"), "utf8")).toBe("from the command line")
    expect(await storages("ls", "--recursive", urlOf(root))).toEqual({
      exitCode: 0,
      stdout: "letters/a.txt\n",
      stderr: "",
    })
  })

  it("tells of an sftp: URL what is missing, when it is not", async () => {
    const { exitCode, stderr } = await runInOwnProcess(["ls", urlOf(newRoot(server))], { cwd: appFolder() })
    expect(exitCode).not.toBe(0)
    expect(stderr).toMatch(/no adapter for "sftp:" is registered/)
  })

  it("uses a storage of the configuration", async () => {
    const { host, port, username, privateKeyFile, hostKey } = server
    const options = JSON.stringify({ host, port, username, privateKeyFile, hostKey })
    const root = newRoot(server)
    const cwd = appFolder({
      "storages.config.ts":
        'import { defineStorages } from "@node-storages/core"\nimport { SftpStorage } from "storages-sftp"\n' +
        `export const storages = defineStorages({ media: () => new SftpStorage(${JSON.stringify(root)}, ${options}) })\n`,
      "a.txt": "from the configuration",
    })
    expect(await runInOwnProcess(["cp", "./a.txt", "media:a.txt"], { cwd })).toMatchObject({ exitCode: 0 })
    expect(await runInOwnProcess(["cat", "media:a.txt"], { cwd })).toEqual({
      exitCode: 0,
      stdout: "from the configuration",
      stderr: "",
    })
  })
})
