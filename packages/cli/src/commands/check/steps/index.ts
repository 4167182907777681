import type { CheckContext, CheckStep } from "../step.ts"
import { clock } from "./clock.ts"
import { connection } from "./connection.ts"
import { cors } from "./cors.ts"
import { create, createLarge } from "./create.ts"
import { copy, list, read, remove, stat, write } from "./files.ts"
import { privacy, upload, url } from "./urls.ts"

/** What is looked at in a storage, in this order. */
export const STORAGE_STEPS: readonly CheckStep<CheckContext>[] = [
  connection,
  clock,
  list,
  write,
  stat,
  read,
  create,
  createLarge,
  copy,
  url,
  privacy,
  upload,
  cors,
  remove,
]
