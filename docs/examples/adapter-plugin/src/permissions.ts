import type { DriverPermissions, Permission } from "@node-storages/core"

/** The rights of files and folders that each operation needs, for the user who logs in. */
export function filePermissions(root: string): DriverPermissions {
  const read: Permission = { name: "read (r)", on: "the file" }
  const onFolders = (name: string): Permission => ({ name, on: `${root} and the folders in it` })
  const search = onFolders("search (x)")
  const change = [onFolders("write (w)"), search]
  return {
    read: [read, search],
    stat: [search],
    write: change,
    delete: change,
    list: [onFolders("read (r)"), search],
    copy: [read, ...change],
    move: change,
  }
}
