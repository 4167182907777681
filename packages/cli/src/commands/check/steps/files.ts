import { randomBytes } from "node:crypto"
import { type FileHeaders } from "@node-storages/core"
import { count } from "../../../output/text.ts"
import { sameBytes } from "../http.ts"
import { CheckProblem, type CheckContext, type CheckStep, ok, skipped } from "../step.ts"

/** What is read where nothing may be written, in bytes at most. */
const LARGEST_SAMPLE = 1024 * 1024

export const list: CheckStep<CheckContext> = {
  name: "list",
  doing: "listing files",
  needs: ["connection"],
  async run({ storage, files, readOnly }, signal) {
    let listed = 0
    // One page is enough: a bucket may have millions.
    for await (const { name, size } of storage.list("", { signal })) {
      listed += 1
      if (readOnly && files.sample === undefined && size > 0 && size <= LARGEST_SAMPLE) {
        files.sample = { name, bytes: undefined }
      }
      if (listed === 100) break
    }
    return ok(listed === 0 ? "no files yet" : `${listed === 100 ? "at least " : ""}${count(listed, "file")}`)
  },
}

/** Headers that a file is stored with, as far as the storage can keep them. */
function headersFor({ driver }: CheckContext): FileHeaders {
  const { features } = driver ?? {}
  return {
    contentType: "text/plain",
    ...(features?.cacheControl && { cacheControl: "private, max-age=60" }),
    ...(features?.contentDisposition && { contentDisposition: 'attachment; filename="check.txt"' }),
    ...(features?.contentLanguage && { contentLanguage: "en" }),
    ...(features?.metadata && { metadata: { check: "storages" } }),
  }
}

export const write: CheckStep<CheckContext> = {
  name: "write",
  doing: "writing a file",
  needs: ["connection"],
  async run(context, signal) {
    const { storage, files, readOnly } = context
    if (readOnly) return skipped("nothing is written with --read-only")
    const bytes = Buffer.from(`A file of "storages check", which removes it. ${randomBytes(12).toString("hex")}\n`)
    const name = files.add("check.txt")
    await storage.write(name, bytes, { ...headersFor(context), signal })
    files.sample = { name, bytes }
    return ok(`${bytes.byteLength} bytes as ${name}`)
  },
}

export const stat: CheckStep<CheckContext> = {
  name: "stat",
  doing: "asking for headers and metadata",
  needs: ["connection"],
  async run(context, signal) {
    const { sample } = context.files
    if (sample === undefined) return skipped("there is no file to ask for")
    const info = await context.storage.stat(sample.name, { signal })
    if (sample.bytes === undefined) return ok(`${info.contentType ?? "no content type"}, ${info.size} bytes`)
    const { metadata = {}, ...headers } = headersFor(context)
    const lost = Object.entries(headers).filter(([name, value]) => info[name as keyof FileHeaders] !== value)
    const names = lost.map(([name]) => name)
    if (Object.entries(metadata).some(([name, value]) => info.metadata?.[name] !== value)) names.push("metadata")
    if (info.size !== sample.bytes.byteLength) names.push("size")
    if (names.length > 0) {
      throw new CheckProblem("headers-lost", `stored with other values than it was given: ${names.join(", ")}`)
    }
    return ok(`size, ${[...Object.keys(headers), ...Object.keys(metadata).map(() => "metadata")].join(", ")} are kept`)
  },
}

export const read: CheckStep<CheckContext> = {
  name: "read",
  doing: "reading the file, and a part of it",
  needs: ["connection"],
  async run({ storage, files }, signal) {
    const { sample } = files
    if (sample === undefined) return skipped("there is no file to read")
    const bytes = await storage.open(sample.name, { signal }).bytes()
    if (sample.bytes !== undefined && !sameBytes(sample.bytes, bytes)) {
      throw new CheckProblem("bytes-differ", "what is read is not what was written")
    }
    sample.bytes = bytes
    const end = Math.min(12, bytes.byteLength)
    const part = await storage.open(sample.name, { signal }).slice(2, end).bytes()
    if (!sameBytes(bytes.subarray(2, end), part)) {
      throw new CheckProblem("bytes-differ", `bytes 2 to ${end} of ${sample.name} are others when they are read alone`)
    }
    return ok("the bytes are the same, a range too")
  },
}

export const copy: CheckStep<CheckContext> = {
  name: "copy",
  doing: "copying and moving the file",
  needs: ["write"],
  async run({ storage, driver, files }, signal) {
    const native = [...(driver?.copy ? ["copies"] : []), ...(driver?.move ? ["renames"] : [])]
    if (native.length === 0) return skipped("the service does neither by itself: copies pass through here")
    const { name, bytes } = files.sample!
    const [copied, moved] = [files.add("copy.txt"), files.add("moved.txt")]
    await storage.copy(name, copied, { signal })
    await storage.move(copied, moved, { signal })
    if (!sameBytes(bytes!, await storage.open(moved, { signal }).bytes())) {
      throw new CheckProblem("bytes-differ", "the copy has other bytes than its source")
    }
    if (await storage.exists(copied, { signal }))
      throw new CheckProblem("not-moved", `${copied} is still there after its move`)
    return ok(`the service ${native.join(" and ")} by itself`)
  },
}

export const remove: CheckStep<CheckContext> = {
  name: "delete",
  doing: "deleting what was written",
  needs: ["write"],
  async run({ storage, files }, signal) {
    const { written } = files
    await files.remove(signal)
    for (const name of written) {
      if (await storage.exists(name, { signal })) {
        files.add(name.slice(files.directory.length + 1))
        throw new CheckProblem("not-deleted", `${name} is still there after it was deleted`)
      }
    }
    return ok(`${count(written.length, "file")} of the check ${written.length === 1 ? "is" : "are"} gone`)
  },
}
