import { existsSync } from "node:fs"
import { join } from "node:path"
import { allowBlocking } from "@node-storages/core/adapter"
import { LocalStorage } from "@node-storages/local"
import { collect as collectFiles, defineStatic } from "@node-storages/static"
import { type BenchRow, OURS } from "../harness/row.ts"
import { collectByHand, compareWith, MANIFEST, type Store, storeIn } from "../static/by-hand.ts"
import { again, type Collecting, type Collector, firstTime } from "../static/collecting.ts"
import { GIBIBYTE, MEBIBYTE } from "../harness/large-source.ts"
import { djangoProject } from "../static/django.ts"
import { type Fill, type Folders, onDisk } from "../static/on-disk.ts"
import { makeScripts } from "../static/tree.ts"

const local = (make: (folders: Folders) => Collecting["collect"], fill?: Fill): Collector =>
  onDisk(
    make,
    (paths, sources) => {
      // Both names of each, without what is kept beside them.
      const files = paths.filter((path) => !/\/target\/\.(?:headers|node-storages)\//.test(path))
      return files.length === 2 * sources + 1 && files.some((path) => path.endsWith(`/target/${MANIFEST}`))
    },
    fill,
  )

const byHand = (storeOf: (target: string) => Store, fill?: Fill): Collector =>
  local(
    ({ source, target }) =>
      async () =>
        void collectByHand(source, storeOf(target)),
    fill,
  )

/** Collects for an app that sets nothing but where its files are. @param command as `storages collectstatic` does it */
const oursIn = (command: boolean, fill?: Fill): Collector =>
  local(({ source, target }) => {
    if (command) allowBlocking()
    return async () => {
      await collectFiles(defineStatic({ storage: new LocalStorage(target), sources: [source], compress: false }))
    }
  }, fill)
const ours = oursIn(true)
const IN_A_SERVER = `${OURS}, in a server`

/**
 * Django's own, in a process of its own, which is part of its time. Django 3.2, as Debian has it, does less: it does
 * not look into scripts, keeps no headers, and does not write in one step.
 */
const django = local(({ source, target, folder }) =>
  djangoProject(join(folder, "django"), {
    storage: "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    source,
    target,
  }),
)

const ROW = {
  unit: "file",
  times: 10_000,
  rounds: 3,
  ratioOf: "wall",
  base: "floor",
  goals: [{ base: "floor", atMost: 1.3 }],
} as const

/**
 * Guarantees, of the base and of ours: every file appears in one step under its final name, what is referred to before
 * what refers to it, the manifest last, and the Cache-Control of each file is kept with it. The second floor keeps no
 * headers.
 */
export const collect: BenchRow = {
  title: "Collect 10,000 static files into a folder, with hashes in their names, first time",
  ...ROW,
  subjects: {
    floor: firstTime(byHand((target) => storeIn(target, true))),
    "floor, no headers": firstTime(byHand((target) => storeIn(target, false))),
    [OURS]: firstTime(ours),
    [IN_A_SERVER]: firstTime(oursIn(false)),
    Django: firstTime(django),
  },
}

/** The floor that compares where its first run stores. */
const comparing: Collector = local(({ source, target }) => async () => {
  const isThere = existsSync(join(target, MANIFEST))
  collectByHand(source, isThere ? compareWith(target) : storeIn(target, false))
})

/**
 * Content decides, not times: the floor and ours read and hash every source, and list the target with the size of every
 * file, so that one that was lost or cut short is stored anew. Django compares times, and stores hashed files again.
 */
export const collectAgain: BenchRow = {
  title: "Collect 10,000 static files into a folder again, nothing changed",
  ...ROW,
  subjects: {
    floor: again(comparing),
    [OURS]: again(ours),
    [IN_A_SERVER]: again(oursIn(false)),
    Django: again(django),
  },
}

/** What it costs, and how much memory it takes, when there is more. From 100,000 on with a tenth of the bytes a file. */
export const growthCollect: BenchRow = {
  title: "Collect static files into a folder, first time, by their number",
  ...ROW,
  sizes: [1_000, 10_000, 100_000],
  rounds: 1,
  warmups: 0,
  goals: [],
  subjects: { floor: firstTime(byHand((target) => storeIn(target, true))), [OURS]: firstTime(ours) },
}

const SCRIPTS = 1000

const scripts: Fill = (source, size) => {
  makeScripts(source, SCRIPTS, size)
  return SCRIPTS
}

/** As many texts, of more and more bytes: none of them is in memory for long. */
export const growthCollectTexts: BenchRow = {
  ...growthCollect,
  title: "Collect 1,000 scripts into a folder, first time, by their bytes",
  unit: "byte",
  times: 1,
  sizes: [16 * MEBIBYTE, 128 * MEBIBYTE, GIBIBYTE],
  subjects: {
    floor: firstTime(byHand((target) => storeIn(target, true), scripts)),
    [OURS]: firstTime(oursIn(true, scripts)),
  },
}
