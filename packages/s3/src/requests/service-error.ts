import { S3ServiceException } from "@aws-sdk/client-s3"
import type { HttpAnswer } from "./exchange.ts"
import { elements } from "./xml.ts"

/** What the service said of a failure, in the shape of the official client's errors. */
export function serviceError(answer: HttpAnswer, body: string): S3ServiceException & { readonly ServerTime?: string } {
  const { statusCode, headers } = answer
  const told = fieldsOf(body)
  const name = told["Code"] ?? (statusCode === 404 ? "NotFound" : "UnknownError")
  const error = new S3ServiceException({
    name,
    message: told["Message"] ?? "UnknownError",
    $fault: statusCode >= 500 ? "server" : "client",
    $metadata: {
      httpStatusCode: statusCode,
      ...defined("requestId", headers["x-amz-request-id"] ?? told["RequestId"]),
      ...defined("extendedRequestId", headers["x-amz-id-2"]),
    },
  })
  // Not shown when an error is printed: it holds the request's headers.
  Object.defineProperty(error, "$response", { value: answer, enumerable: false })
  return Object.assign(error, { Code: name }, defined("ServerTime", told["ServerTime"]))
}

/** What stands directly within `<Error>`; nothing where the body is something else, a proxy's page for example. */
function fieldsOf(body: string): Record<string, string> {
  const fields: Record<string, string> = {}
  try {
    for (const { path, text } of elements(body)) {
      const [root, name, ...deeper] = path
      if (root === "Error" && name !== undefined && deeper.length === 0) fields[name] = text
    }
  } catch {
    return {}
  }
  return fields
}

function defined(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value }
}
