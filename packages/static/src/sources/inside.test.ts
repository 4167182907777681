import { symlink } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { source } from "./custom.ts"
import { folder } from "./folder.ts"
import { checkOutside, foldersOf } from "./inside.ts"
import { packages } from "./packages.ts"
import { tree } from "./testing/tree.ts"

const refused = (message: string) => ({ code: "source-in-target", message: expect.stringContaining(message) })

test("a source in the target is refused with both paths", async () => {
  const root = await tree(["public/static/a.css"])
  const check = checkOutside([join(root, "public/static")], join(root, "public"))
  await expect(check).rejects.toMatchObject(refused("the source is in the target"))
  await expect(check).rejects.toMatchObject(
    refused(`${join(root, "public/static")} and the target ${join(root, "public")}`),
  )
})

test("a target in a source is refused, even before it exists", async () => {
  const root = await tree(["assets/a.css"])
  const check = checkOutside([join(root, "assets")], join(root, "assets/out/deep"))
  await expect(check).rejects.toMatchObject(refused("the target is in the source"))
})

test("the same folder is refused", async () => {
  const root = await tree(["a.css"])
  await expect(checkOutside([root], `${root}/`)).rejects.toMatchObject(refused("the same folder"))
})

test("a symbolic link hides nothing", async () => {
  const root = await tree(["assets/a.css", "x"])
  await symlink(join(root, "assets"), join(root, "link"))
  const check = checkOutside([join(root, "assets")], join(root, "link/out"))
  await expect(check).rejects.toMatchObject(refused(`(which is ${join(root, "assets/out")})`))
})

test("folders beside each other are fine, whatever their names begin with", async () => {
  const root = await tree(["static/a.css", "static-out/b.css", "..x/c"])
  await expect(
    checkOutside([join(root, "static"), join(root, "..x")], join(root, "static-out")),
  ).resolves.toBeUndefined()
  await expect(checkOutside([join(root, "static/..x")], root)).rejects.toMatchObject(refused("in the target"))
})

test("the folders of sources are known, of functions there are none", async () => {
  const root = await tree({ "package.json": {}, "static/a.css": "" })
  const sources = [folder(join(root, "static")), source("made", () => []), packages({ root })]
  expect(await foldersOf(sources)).toEqual([join(root, "static"), join(root, "static")])
})
