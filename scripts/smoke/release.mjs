// A rehearsal of the release, in a clone of the workspace as it is now: versions and changelogs by the changesets, then
// everything published to a registry on this machine, in the order of the release, and installed from there.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { packages, root } from "../packages.mjs"
import { mustBe, run } from "./run.mjs"
import { installRegistry, startRegistry } from "./registry.mjs"

const USER = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", "-c", "commit.gpgsign=false"]

/** The work of a row, one after another: each needs what came before. */
export function rehearsal(folder) {
  const clone = join(folder, "clone")
  const registry = join(folder, "registry")
  return {
    "clone, versions and changelogs": async () => {
      await cloneWorkspace(clone)
      await npm(clone, ["run", "version"])
      return versions(clone)
    },
    "publish and install": async () => {
      await installRegistry(registry)
      const { url, token, stop } = await startRegistry(registry)
      try {
        const npmrc = `registry=${url}\n${url.slice("http:".length)}:_authToken=${token}\n`
        await publish(clone, npmrc)
        return await useFrom(join(folder, "user"), npmrc, versions(clone))
      } finally {
        stop()
      }
    },
  }
}

/** The commits, and on top of them the files that are not committed yet. */
async function cloneWorkspace(clone) {
  await run("git", ["clone", "--quiet", root, clone], { cwd: root })
  const { stdout } = await run("git", ["ls-files", "-z", "--modified", "--others", "--exclude-standard"], { cwd: root })
  for (const file of stdout.split("\0").filter(Boolean)) {
    if (!existsSync(join(root, file))) continue
    mkdirSync(dirname(join(clone, file)), { recursive: true })
    cpSync(join(root, file), join(clone, file))
  }
  await run("git", ["add", "--all"], { cwd: clone })
  await run("git", [...USER, "commit", "--quiet", "--allow-empty", "--message", "What is not committed yet"], {
    cwd: clone,
  })
}

/** The version that all packages have, each of them with a changelog that says so. */
function versions(clone) {
  const found = packages.map(({ folder, manifest: { name } }) => {
    const path = folder.replace(root, clone)
    const { version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"))
    const changelog = readFileSync(join(path, "CHANGELOG.md"), "utf8")
    if (!changelog.startsWith(`# ${name}\n\n## ${version}\n`)) throw new Error(`The changelog of ${name} begins wrong.`)
    return version
  })
  mustBe("the number of versions", new Set(found).size, 1)
  if (found[0] === "0.0.0") throw new Error("The changesets gave no version.")
  return found[0]
}

async function publish(clone, npmrc) {
  writeFileSync(join(clone, ".npmrc"), npmrc)
  // Nobody vouches for what this machine builds.
  await npm(clone, ["run", "release"], { npm_config_provenance: "false", CI: "true" })
  for (const { manifest } of packages) {
    const { stdout } = await run("git", ["tag", "--list", `${manifest.name}@*`], { cwd: clone })
    mustBe(`the tag of ${manifest.name}`, stdout.trim(), `${manifest.name}@${versions(clone)}`)
  }
}

async function useFrom(user, npmrc, version) {
  mkdirSync(user)
  writeFileSync(join(user, ".npmrc"), npmrc)
  writeFileSync(join(user, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const names = packages.map(({ manifest }) => manifest.name).filter((name) => /^node-storages$|\/memory$/.test(name))
  await npm(user, ["install", "--no-audit", "--no-fund", "--loglevel=error", ...names])
  for (const name of names) {
    const script = `import * as all from "${name}"; console.log(Object.keys(all).length > 0)`
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: user })
    mustBe(`whether ${name} is there`, stdout.trim(), "true")
    const installed = JSON.parse(readFileSync(join(user, "node_modules", name, "package.json"), "utf8"))
    mustBe(`the version of ${name}`, installed.version, version)
    mustBe(`what ${name} says of the workspace`, "devDependencies" in installed, false)
  }
  return `${names.join(" and ")} ${version}`
}

const npm = (cwd, args, env) => run("npm", args, { cwd, env })
