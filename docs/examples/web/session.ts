import { createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { keyFor } from "./storages.config.ts"

/** A cookie that only the app can make. It stands for the sign-in that an app has. */
export function sessionCookie(user: string | undefined): string {
  const value = user === undefined ? "none; Max-Age=0" : `${user}.${signatureOf(user)}`
  return `session=${value}; Path=/; HttpOnly; SameSite=Lax`
}

/** Who has signed in. */
export function userOf({ headers }: IncomingMessage): string | undefined {
  const [, user, signature] = /(?:^|;\s*)session=(\w+)\.([\w-]{43})(?:;|$)/.exec(headers.cookie ?? "") ?? []
  if (user === undefined || signature === undefined) return undefined
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(user))) ? user : undefined
}

function signatureOf(user: string): string {
  return createHmac("sha256", keyFor("sessions")).update(user).digest("base64url")
}
