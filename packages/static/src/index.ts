export { collect, type CollectOptions, type CollectReport } from "./collect/collect.ts"
export type { CollectProgress } from "./collect/collect-progress.ts"
export { defineStatic, type StaticConfig, type StaticOptions } from "./define-static.ts"
export type { Encoding, HeaderRecord, Manifest, ManifestEntry, PlainRecord } from "./manifest.ts"
export { cacheControlOf, type CacheControlOptions, type CacheControlOverrides } from "./publishing/cache-control.ts"
export { clear, type ClearCount, type ClearOptions, type ClearReport } from "./publishing/clear.ts"
export { MANIFEST_NAME, parseManifest, serializeManifest } from "./publishing/manifest-file.ts"
export { prune, type PruneOptions, type PruneReport } from "./publishing/prune.ts"
export {
  type PublishAction,
  type PublishedFile,
  Publisher,
  type PublishOptions,
  type PublishProgress,
  type PublishReport,
} from "./publishing/publisher.ts"
export { DevelopmentIndex, type DevelopmentIndexOptions } from "./runtime/development-index.ts"
export { developmentStaticFiles, type DevelopmentOptions, type KnownNames } from "./runtime/development.ts"
export { type LoadOptions, type ManifestUrls, StaticFiles } from "./runtime/static-files.ts"
export { sourceStorage } from "./runtime/source-storage.ts"
export type { PreloadOptions, StaticUrls } from "./runtime/static-urls.ts"
export { type Attributes, entryTags, Html, html, type HtmlValue, scriptTag, styleTag } from "./runtime/tags.ts"
export {
  ejsHelpers,
  etaHelpers,
  handlebarsHelpers,
  type HandlebarsEnvironment,
  nunjucksGlobals,
  type NunjucksEnvironment,
  pugLocals,
  type TemplateHelpers,
} from "./runtime/templates.ts"
export type { Room, SourceFile, StaticSource } from "./source.ts"
export {
  bundle,
  type BundleOptions,
  DEFAULT_IGNORE,
  type DuplicateFile,
  findStatic,
  findStaticAll,
  folder,
  type FolderOptions,
  type FolderSourceOption,
  type MadeFile,
  type MakeFiles,
  packages,
  type PackagesOptions,
  source,
  type SourceOption,
  type StaticSources,
} from "./sources/index.ts"
export { type ReferenceProblem, StaticError, type StaticErrorCode, type StaticErrorOptions } from "./static-error.ts"
