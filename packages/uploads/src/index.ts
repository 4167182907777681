export type { ByteSize } from "./byte-size.ts"
export type { FileOptions } from "./forms/file-options.ts"
export type { FormLimits, ReceiveFormOptions } from "./forms/form-options.ts"
export type { FormRequest } from "./forms/form-source.ts"
export { type MulterFile, type MulterFileInfo, type MulterStorage, multerStorage } from "./forms/multer-storage.ts"
export { type ReceivedForm, receiveForm } from "./forms/receive-form.ts"
export type { ReceivedFile } from "./forms/store-file.ts"
export type { NamedFile, NameStrategy } from "./names.ts"
export { type DetectedType, detectType } from "./types/detect-type.ts"
export type {
  DeclaredFile,
  DirectUpload,
  DirectUploadParts,
  SignedPart,
  SignedRequest,
  UploadedFile,
} from "./browser/protocol.ts"
export {
  type CompletedDirectUpload,
  directUploads,
  DirectUploads,
  type RemoveAbandonedOptions,
  type UploadCaller,
} from "./direct/direct-uploads.ts"
export { directUploadHandler, directUploadNodeHandler } from "./direct/handlers.ts"
export type { DirectUploadPolicy, DirectUploadsOptions, UploadDeclaration } from "./direct/policies.ts"
export type { DirectUploadHandlerOptions } from "./direct/upload-server.ts"
export { UploadError, type UploadErrorCode, type UploadErrorOptions } from "./upload-error.ts"
