import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import type { SourceFile, StaticSource } from "../../source.ts"

/** A new folder with these files, of their own content or of their name. It is removed when the test ends. */
export async function tree(files: readonly string[] | Readonly<Record<string, string | object>> = []): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "static-sources-")))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await addFiles(root, files)
  return root
}

export async function addFiles(
  root: string,
  files: readonly string[] | Readonly<Record<string, string | object>>,
): Promise<void> {
  const contents = Array.isArray(files) ? files.map((name: string) => [name, name] as const) : Object.entries(files)
  for (const [name, content] of contents) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), typeof content === "string" ? content : JSON.stringify(content))
  }
}

export async function filesOf(source: StaticSource): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for await (const file of source.files()) files.push(file)
  return files
}

export async function namesOf(source: StaticSource): Promise<string[]> {
  return (await filesOf(source)).map(({ name }) => name)
}

export async function textOf(file: SourceFile | undefined): Promise<string | undefined> {
  return file && new TextDecoder().decode(await file.read())
}
