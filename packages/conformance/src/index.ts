export { describeStorage } from "./describe-storage.ts"
export type { ConformanceOptions, ForeignWriter, Gap, Scale, TestFunction, TestRunner, UrlAccess } from "./options.ts"
