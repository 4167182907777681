export { UploadFailure } from "./failure.ts"
export type { UploadedFile } from "./protocol.ts"
export { upload, type UploadOptions, type UploadProgress, type UploadSource } from "./upload.ts"
