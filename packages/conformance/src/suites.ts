import type { Suite } from "./suite.ts"
import { cancel } from "./suites/cancel.ts"
import { content } from "./suites/content.ts"
import { copyBetween } from "./suites/copy-between.ts"
import { copy } from "./suites/copy.ts"
import { deleteMany } from "./suites/delete-many.ts"
import { deleteSuite } from "./suites/delete.ts"
import { errors } from "./suites/errors.ts"
import { failingContent } from "./suites/failing-content.ts"
import { integrity } from "./suites/integrity.ts"
import { layers } from "./suites/layers.ts"
import { list } from "./suites/list.ts"
import { listdir } from "./suites/listdir.ts"
import { metadata } from "./suites/metadata.ts"
import { move } from "./suites/move.ts"
import { multipart } from "./suites/multipart.ts"
import { names } from "./suites/names.ts"
import { options } from "./suites/options.ts"
import { partUrls } from "./suites/part-urls.ts"
import { permissions } from "./suites/permissions.ts"
import { races } from "./suites/races.ts"
import { read } from "./suites/read.ts"
import { save } from "./suites/save.ts"
import { signedUpload } from "./suites/signed-upload.ts"
import { statExists } from "./suites/stat-exists.ts"
import { urls } from "./suites/urls.ts"
import { write } from "./suites/write.ts"

/** The whole of what an adapter is held to, one suite for each operation. */
export const SUITES: readonly Suite[] = [
  names,
  save,
  write,
  races,
  content,
  metadata,
  integrity,
  failingContent,
  cancel,
  read,
  statExists,
  deleteSuite,
  deleteMany,
  list,
  listdir,
  copy,
  copyBetween,
  move,
  urls,
  signedUpload,
  multipart,
  partUrls,
  layers,
  options,
  errors,
  permissions,
]
