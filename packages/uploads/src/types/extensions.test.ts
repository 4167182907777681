import { describe, expect, test } from "vitest"
import type { DetectedType } from "./detect-type.ts"
import { withRightExtension } from "./extensions.ts"

const PNG = { type: "image/png", extension: "png", active: false }
const HTML = { type: "text/html", extension: "html", active: true }
const TEXT = { type: "text/plain", extension: "txt", active: false }
const UNKNOWN = { type: "application/octet-stream", extension: undefined, active: false }
const ZIP = { type: "application/zip", extension: "zip", active: false }
const SVG = { type: "image/svg+xml", extension: "svg", active: true }

describe("an extension and what is in the file", () => {
  test.each<[string, DetectedType, string]>([
    ["photo.png", PNG, "photo.png"],
    ["photo.PNG", PNG, "photo.PNG"],
    ["photo.jpg", PNG, "photo.png"],
    ["photo.html", PNG, "photo.png"],
    ["photo.txt", PNG, "photo.png"],
    ["photo", PNG, "photo.png"],
    ["photo.unheard-of", PNG, "photo.unheard-of"],
    ["photo.jpg", { type: "image/jpeg", extension: "jpg", active: false }, "photo.jpg"],
    ["photo.jpeg", { type: "image/jpeg", extension: "jpg", active: false }, "photo.jpeg"],
    ["clip.mp4", { type: "video/x-m4v", extension: "m4v", active: false }, "clip.mp4"],
    ["pixel.png", HTML, "pixel.html"],
    ["page.htm", HTML, "page.htm"],
    ["page.xml", HTML, "page.html"],
    ["page.svg", HTML, "page.html"],
    ["drawing.svg", SVG, "drawing.svg"],
    ["drawing.png", SVG, "drawing.svg"],
    ["drawing.xml", SVG, "drawing.xml"],
    ["data.csv", { type: "text/csv", extension: "txt", active: false }, "data.csv"],
    ["pixel.png", TEXT, "pixel.txt"],
    ["noise.png", UNKNOWN, "noise.bin"],
    ["noise.txt", UNKNOWN, "noise.bin"],
    ["noise.html", UNKNOWN, "noise.bin"],
    ["noise.bin", UNKNOWN, "noise.bin"],
    ["noise", UNKNOWN, "noise"],
    ["letter.docx", ZIP, "letter.docx"],
    ["photo.png", ZIP, "photo.zip"],
    ["backup.tar.gz", { type: "application/gzip", extension: "gz", active: false }, "backup.tar.gz"],
  ])("%s", (name, detected, expected) => {
    expect(withRightExtension(name, detected).name).toBe(expected)
  })

  test("whether it misled is told; a name without one did not", () => {
    expect(withRightExtension("photo.jpg", PNG).changed).toBe(true)
    expect(withRightExtension("photo", PNG).changed).toBe(false)
    expect(withRightExtension("photo.png", PNG).changed).toBe(false)
  })
})
