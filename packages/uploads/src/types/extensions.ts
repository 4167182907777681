import { splitExtension, typeOfExtension } from "@node-storages/core"
import { supportedMimeTypes } from "file-type"
import { type DetectedType, isActiveType, isTextType } from "./detect-type.ts"

/** Extensions of formats that are variants of one, or one inside another: any of a line goes with any type of it. */
const FAMILIES: readonly (readonly string[])[] = [
  ["jpg", "jpeg", "jpe", "jfif", "pjpeg"],
  ["png", "apng"],
  ["tif", "tiff", "dng", "nef", "arw", "cr2", "orf", "rw2"],
  ["heic", "heif", "heics", "heifs", "hif", "avif", "avifs", "avci", "avcs"],
  ["jp2", "jpx", "jpf", "jpm", "j2k", "j2c", "mj2"],
  ["jxr", "wdp", "hdp"],
  ["mp4", "m4v", "m4a", "m4b", "m4p", "mp4v", "mpg4", "f4v", "mov", "qt", "3gp", "3gpp", "3g2"],
  ["ogg", "oga", "ogv", "ogx", "ogm", "opus", "spx"],
  ["mkv", "mka", "mks", "mk3d", "webm"],
  ["mp1", "mp2", "mp3", "mpga", "m2a", "m3a", "aac", "adts"],
  ["mpg", "mpeg", "mpe", "m1v", "m2v", "vob", "ps"],
  ["ts", "m2ts", "mts"],
  ["wav", "wave"],
  ["aif", "aiff", "aifc"],
  ["mid", "midi", "kar", "rmi"],
  ["asf", "wma", "wmv"],
  ["gz", "tgz", "emz", "svgz"],
  ["bz2", "tbz2", "boz"],
  ["xz", "txz"],
  ["zst", "tzst"],
  ["exe", "dll", "com", "scr", "sys", "msi", "bat", "cmd"],
  ["ps", "eps", "ai", "pdf"],
  ["ico", "cur"],
  ["ttf", "otf", "ttc"],
  ["rm", "rmvb", "ra", "ram"],
  [
    "cfb",
    "doc",
    "dot",
    "xls",
    "xlt",
    "xlm",
    "xla",
    "xlc",
    "xlw",
    "ppt",
    "pps",
    "pot",
    "msg",
    "msi",
    "mpp",
    "pub",
    "vsd",
  ],
]

/** Formats that are ZIP archives: what is inside may lie beyond the bytes that are looked at. */
const ZIPPED =
  /^(?:zip|jar|war|ear|xpi|apk|epub|kmz|cbz|usdz|3mf|vsdx|vsix|whl|nupkg|sketch|pages|numbers|key|ipa|(?:doc|dot|xls|xlt|xls|ppt|pot|pps)[xmb]|od[bcfgimpst]|ot[gpst])$/

/** Whether a name with this extension may hold bytes of this type without misleading anybody. */
export function extensionAgrees(extension: string, { type, extension: own }: DetectedType): boolean {
  const given = extension.toLowerCase()
  const named = typeOfExtension(given)
  // Nothing is told by it: browsers and servers don't treat it as any format.
  if (named === undefined || named === type || given === own) return true
  if (isTextType(type)) return textAgrees(named, type)
  // What should have been seen and was not: its format has a signature, or is text, which this is not.
  if (own === undefined) return !isRecognised(named) && !isTextType(named)
  if (ZIPPED.test(given) && ZIPPED.test(own)) return true
  return FAMILIES.some((family) => family.includes(given) && family.includes(own))
}

/** Text under names for text, and for what has no signature; what browsers run only under names for what they run. */
function textAgrees(named: string, type: string): boolean {
  if (isActiveType(type)) return isActiveType(named) && (type !== "text/html" || named === "application/xhtml+xml")
  return isTextType(named) || !isRecognised(named)
}

function isRecognised(type: string): boolean {
  return supportedMimeTypes.has(type)
}

/** The name with an extension that goes with its bytes, and whether it had another one that did not. */
export function withRightExtension(name: string, detected: DetectedType): { name: string; changed: boolean } {
  const [stem, dotted] = splitExtension(name)
  const last = dotted.slice(dotted.lastIndexOf(".") + 1)
  if (dotted === "") {
    return { name: detected.extension === undefined ? name : `${name}.${detected.extension}`, changed: false }
  }
  if (extensionAgrees(last, detected)) return { name, changed: false }
  return { name: `${stem}.${detected.extension ?? "bin"}`, changed: true }
}
