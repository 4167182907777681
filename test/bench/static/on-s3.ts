import { join } from "node:path"
import type { Context } from "../harness/row.ts"
import type { Collecting, Collector } from "./collecting.ts"
import { BucketByHand } from "./s3-by-hand.ts"
import { makeTree } from "./tree.ts"

interface Target {
  readonly context: Context
  readonly source: string
  readonly bucket: BucketByHand
  /** Where the collect of now goes, with a slash at its end. */
  readonly prefix: () => string
}

interface Shape {
  /** Of the tree's binary files: 1 is 8 KiB on average. */
  readonly scale: number
  /** How many there must be at the end, of so many sources. */
  readonly objects: (files: number) => number
}

/** A generated tree that goes into a bucket. An empty target is made by going on to the next prefix. */
export function onS3({ scale, objects }: Shape, make: (target: Target) => Collecting["collect"]): Collector {
  return async (context) => {
    const source = join(context.folder, "source")
    makeTree(source, context.size, scale)
    const bucket = new BucketByHand(context.s3)
    let run = 0
    const prefix = () => `run-${run}/`
    return {
      collect: make({ context, source, bucket, prefix }),
      empty: async () => void run++,
      check: async () => {
        const { size } = await bucket.list(prefix())
        if (size !== objects(context.size)) throw new Error(`${size} objects are there, not ${objects(context.size)}.`)
      },
      close: async () => bucket.close(),
    }
  }
}
