import { type NextRequest, NextResponse } from "next/server.js"

/** Finds out who asks, before the route is asked. */
export function proxy(request: NextRequest): NextResponse {
  const headers = new Headers(request.headers)
  const user = headers.get("x-user")
  headers.delete("x-known-user")
  if (user !== null) headers.set("x-known-user", user)
  return NextResponse.next({ request: { headers } })
}

export const config = { matcher: ["/private/:path*", "/media/proxied/:path*"] }
