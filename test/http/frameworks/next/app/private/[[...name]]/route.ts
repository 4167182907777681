import { nextRoute } from "@node-storages/http/next"
import type { NextRequest } from "next/server.js"
import { site } from "../../../served.ts"

const userOf = (request: NextRequest) => request.headers.get("x-known-user") ?? undefined

export const { GET, HEAD, OPTIONS } = nextRoute(site.members, { ...site.memberOptions(userOf), prefix: "/private/" })
