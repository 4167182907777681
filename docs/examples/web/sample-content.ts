import type { Storage } from "@node-storages/core"
import { makePdf } from "./sample-pdf.ts"
import { samplePictures } from "./sample-pictures.ts"

const DOCUMENTS: Readonly<Record<string, string>> = {
  "Contract 2026.pdf": "The contract of 2026",
  "Trip to the dunes (notes).pdf": "Bring water. And a hat.",
}

/** What the storages begin with; what is there already stays. */
export async function addSamples(media: Storage, documents: Storage): Promise<void> {
  for (const { name, bytes } of samplePictures()) {
    if (!(await media.exists(`photos/${name}`))) await media.write(`photos/${name}`, bytes)
  }
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    if (!(await documents.exists(name))) await documents.write(name, makePdf(text))
  }
}
