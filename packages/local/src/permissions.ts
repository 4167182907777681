import type { DriverPermissions, Permission } from "@node-storages/core"

/** The rights of files and directories that each operation needs, for the user that the process runs as. */
export function filePermissions(root: string): DriverPermissions {
  const onFile = (name: string): Permission => ({ name, on: "the file" })
  const onDirectories = (name: string): Permission => ({ name, on: `${root} and the directories in it` })
  const [read, search] = [onFile("read (r)"), onDirectories("search (x)")]
  const change = [onDirectories("write (w)"), search]
  return {
    read: [read, search],
    stat: [search],
    write: change,
    delete: change,
    list: [onDirectories("read (r)"), search],
    copy: [read, ...change],
    move: change,
    url: [],
    signedUpload: [],
    multipart: change,
  }
}
