export { UploadError, type UploadErrorCode, type UploadErrorOptions } from "./upload-error.ts"
