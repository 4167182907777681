import type { FileInfo } from "@node-storages/core"
import type { BrokenDriver } from "./broken-drivers.ts"
import { BackendError } from "./backend-error.ts"

/** Faults of `remove`, `removeMany` and `page`. */
export const BROKEN_LISTS: readonly BrokenDriver[] = [
  {
    fault: "deletes siblings whose keys begin alike",
    caughtBy: "delete > of users/1 touches neither users/10",
    breaks: (honest) => ({
      async remove(key) {
        for (const other of honest.objects.keys()) if (other.startsWith(key)) honest.objects.delete(other)
      },
    }),
  },
  {
    fault: "deletes what is below a name too",
    caughtBy: "delete > of a directory's name deletes nothing below it",
    breaks: (honest) => ({
      async remove(key) {
        for (const other of honest.objects.keys()) if (`${other}/`.startsWith(`${key}/`)) honest.objects.delete(other)
      },
    }),
  },
  {
    fault: "throws when there is nothing to remove",
    caughtBy: "delete > succeeds where there is nothing",
    breaks: (honest) => ({
      async remove(key) {
        if (!honest.objects.delete(key)) throw new BackendError("not-found")
      },
    }),
  },
  {
    fault: "ignores what a batch could not remove",
    caughtBy: "deleteMany > by a storage without access reports every single name",
    breaks: (honest) => ({
      async removeMany(keys, options) {
        await honest.removeMany(keys, options)
        return []
      },
    }),
  },
  {
    fault: "stops a batch at the first failure",
    caughtBy: "deleteMany > by a storage without access reports every single name",
    breaks: (honest) => ({
      async removeMany(keys, options) {
        for (const key of keys) {
          const failures = await honest.removeMany([key], options)
          if (failures.length > 0) return failures
        }
        return []
      },
    }),
  },
  {
    fault: "removes only the first hundred of a batch",
    caughtBy: "deleteMany > deletes every one of a large number",
    breaks: (honest) => ({ removeMany: (keys, options) => honest.removeMany(keys.slice(0, 100), options) }),
  },
  {
    fault: "lists the first page only",
    caughtBy: "list > gives every one of a large number",
    breaks: (honest) => ({
      page: async (options) => ({ ...(await honest.page(options)), cursor: undefined }),
    }),
  },
  {
    fault: "lists the names of the first page only",
    caughtBy: "list > of names gives the names of the same files",
    breaks: (honest) => ({
      async pageNames(options) {
        const { files } = await honest.page(options)
        return { names: files.map(({ name }) => name) }
      },
    }),
  },
  {
    fault: "lists siblings whose keys begin alike",
    caughtBy: "list > of users/1 gives neither users/10",
    breaks: (honest) => ({ page: (options) => honest.page({ ...options, prefix: options.prefix.replace(/\/$/, "") }) }),
  },
  {
    fault: "lists in the order of UTF-16, as JavaScript sorts",
    caughtBy: "list > is in the order of the names' bytes",
    breaks: (honest) => ({
      async page(options) {
        const page = await honest.page(options)
        return { ...page, files: page.files.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
      },
    }),
  },
  {
    fault: "counts pages by offset",
    caughtBy: "list > gives every file also when each is deleted",
    breaks: (honest) => ({
      async page({ prefix, cursor }) {
        const start = (cursor as number | undefined) ?? 0
        const found = [...honest.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
        const files: FileInfo[] = found.slice(start, start + 100).map((key) => honest.objects.get(key)!.info)
        return { files, prefixes: [], cursor: start + 100 < found.length ? start + 100 : undefined }
      },
    }),
  },
  {
    fault: "lists directories as if they were files",
    caughtBy: "list > has no entry for a directory",
    breaks: (honest) => ({
      async page(options) {
        const page = await honest.page(options)
        const folders = page.files.map(({ name }) => name.slice(0, Math.max(0, name.lastIndexOf("/")))).filter(Boolean)
        const entries = [...new Set(folders)].map((name) => ({ name, size: 0, modified: new Date() }))
        return { ...page, files: [...entries, ...page.files] }
      },
    }),
  },
  {
    fault: "chokes on keys of other tools",
    caughtBy: "list > skips keys of other tools",
    breaks: (honest) => ({
      async page(options) {
        const page = await honest.page(options)
        if (page.files.some(({ name }) => name.includes("//"))) throw new Error("an empty segment")
        return page
      },
    }),
  },
  {
    fault: "lists all levels in listdir",
    caughtBy: "listdir > gives one level",
    breaks: (honest) => ({ page: (options) => honest.page({ ...options, recursive: true }) }),
  },
]
