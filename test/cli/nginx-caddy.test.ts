import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parseDocument, ROOT } from "../docs/markdown.ts"
import { appFolder } from "./app-folder.ts"
import { runCommand } from "./run-command.ts"

/** A configuration as the guides have it. */
function config(statics: string, options = "", more = ""): string {
  return `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic } from "node-storages/static"
export const storages = defineStorages({ static: () => ${statics}, ${more} })
export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"]${options} })
`
}

const GUIDE = 'new LocalStorage("/srv/app/public/static", { baseUrl: "https://static.example.com/", fileMode: 0o644 })'

function guideBlock(path: string, language: string, number: number): string {
  const { blocks } = parseDocument(path, readFileSync(join(ROOT, path), "utf8"))
  return blocks.filter(({ info }) => info[0] === language)[number]!.code.join("\n")
}

const run = (args: readonly string[], text: string) =>
  runCommand(args, { cwd: appFolder({ "storages.config.ts": text, "assets/app.css": "a {}" }) })

describe("storages nginx and storages caddy", () => {
  it("print word for word what the guides show for their example, media included", async () => {
    const nginx = guideBlock("docs/deploy/nginx.md", "nginx", 0)
    expect(await run(["nginx"], config(GUIDE))).toEqual({ exitCode: 0, stdout: `${nginx}\n`, stderr: "" })
    const caddy = guideBlock("docs/deploy/caddy.md", "caddy", 0)
    expect(await run(["caddy"], config(GUIDE))).toEqual({ exitCode: 0, stdout: `${caddy}\n`, stderr: "" })
    const media = 'media: () => new LocalStorage("/srv/media/public", { baseUrl: "https://media.example.com/" })'
    const both = await run(["nginx", "--media"], config(GUIDE, "", media))
    expect(both.stdout).toBe(`${nginx}\n\n${guideBlock("docs/deploy/nginx.md", "nginx", 3)}\n`)
  })

  it("listen by TLS with a certificate, as the guide does", async () => {
    const files = ["fullchain.pem", "key.pem"].map((name) => `/etc/ssl/static.example.com/${name}`)
    const { stdout } = await run(["nginx", "--certificate", files[0]!, "--key", files[1]!], config(GUIDE))
    expect(stdout).toContain(`server {\n${guideBlock("docs/deploy/nginx.md", "nginx", 1)}\n  server_name static`)
    expect(await run(["nginx", "--key", "k"], config(GUIDE))).toMatchObject({
      exitCode: 2,
      stderr: "error: --certificate and --key go together.\n",
    })
  })

  it("take folder, name and address from the command line, and quote what needs it", async () => {
    const args = ["--root", "/srv/my files", "--server-name", "cdn.example.com"]
    const nginx = await run(["nginx", "--listen", "[::1]:8080", ...args], config(GUIDE))
    expect(nginx.stdout).toContain('  listen [::1]:8080;\n  server_name cdn.example.com;\n  root "/srv/my files";\n')
    const caddy = await run(["caddy", ...args], config(GUIDE))
    expect(caddy.stdout).toMatch(/^cdn\.example\.com \{\n\troot \* "\/srv\/my files"\n/)
  })

  it("send only the siblings that are made, and hide the manifest whatever its name", async () => {
    const nginx = await run(["nginx"], config(GUIDE, ', compress: ["gzip"], manifest: "meta/files.json"'))
    expect(nginx.stdout).toContain("  gzip_static on;\n  gzip_vary on;\n")
    expect(nginx.stdout).not.toContain("brotli")
    expect(nginx.stdout).toContain("location ~ ^/(meta/files\\.json$|")
    const caddy = await run(["caddy"], config(GUIDE, ", compress: false"))
    expect(caddy.stdout).not.toMatch(/precompressed|Vary/)
  })

  it("know the names that a bundler has hashed, from the manifest", async () => {
    const sources = ", compress: false, cacheFolder: false"
    const text = config('new LocalStorage("public", { baseUrl: "https://static.example.com/" })', sources).replace(
      '["assets"]',
      '["assets", bundle({ folder: "dist" })]',
    )
    const cwd = appFolder({
      "storages.config.ts": text.replace("defineStatic }", "bundle, defineStatic }"),
      "assets/app.css": "a {}",
      "dist/.vite/manifest.json": JSON.stringify({
        "src/main.js": { file: "chunks/main-BX2c9xY_.js", isEntry: true, src: "src/main.js" },
        "src/other.js": { file: "odd/other.abcd.js", isEntry: true, src: "src/other.js" },
      }),
      "dist/chunks/main-BX2c9xY_.js": "export {}",
      "dist/odd/other.abcd.js": "export {}",
    })
    const collected = await runCommand(["collectstatic"], { cwd })
    expect(collected).toMatchObject({ exitCode: 0 })
    const nginx = await runCommand(["nginx"], { cwd })
    expect(nginx.stdout).toContain('  "~^/chunks/.+-[\\w-]{8}\\." "public, max-age=31536000, immutable";\n  default')
    expect(nginx.stderr).toContain("1 name that a bundler has hashed, like odd/other.abcd.js")
    const caddy = await runCommand(["caddy"], { cwd })
    expect(caddy.stdout).toContain('\t\t~^/chunks/.+-[\\w-]{8}\\. "public, max-age=31536000, immutable"\n')
  })

  it("tell what is not in the configuration", async () => {
    const text = config('new LocalStorage("public")', ', compress: ["zstd"], cacheControl: { "*.txt": "no-cache" }')
    const { stdout, stderr } = await run(["nginx"], text)
    expect(stdout).toContain("server_name _;")
    expect(stderr).toContain("baseUrl has no host")
    expect(stderr).toContain("cacheControl of staticConfig is for buckets")
    expect(stderr).toContain("nginx sends no zstd siblings")
    expect((await run(["nginx", "--media"], config(GUIDE))).stderr).toMatch(
      /^warning: no other storage in .* is a folder/,
    )
  })

  it.each([
    ["nginx", "--root", "relative/path"],
    ["nginx", "--root", "/srv/$uri"],
    ["nginx", "--listen", "80; evil"],
    ["caddy", "--server-name", "a b"],
    ["caddy", "--root", "/srv/{env.HOME}"],
  ])("refuse what would mean something else: storages %s %s %s", async (...args) => {
    const { exitCode, stdout, stderr } = await run(args, config(GUIDE))
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
    expect(stderr).toContain(args[2])
  })

  it("refuse a bucket, and tell where the guide for buckets is", async () => {
    const text = config('new S3Storage("acme-static", { region: "eu-west-1" })').replace(
      "\n",
      '\nimport { S3Storage } from "@node-storages/s3"\n',
    )
    for (const command of ["nginx", "caddy"]) {
      const { exitCode, stdout, stderr } = await run([command], text)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
      expect(stderr).toMatch(/^error: The storage of staticConfig is s3:\/\/acme-static.*docs\/deploy\/cloudfront\.md/)
    }
  })

  it("give JSON, and need static files in the configuration", async () => {
    const { stdout } = await run(["--json", "caddy"], config(GUIDE))
    const printed = JSON.parse(stdout) as { server: string; configuration: string }
    expect(printed).toEqual({ server: "caddy", configuration: guideBlock("docs/deploy/caddy.md", "caddy", 0) })
    const without = await runCommand(["nginx"], { cwd: appFolder() })
    expect(without).toMatchObject({ exitCode: 2 })
    expect(without.stderr).toContain('has no export "staticConfig"')
  })
})
