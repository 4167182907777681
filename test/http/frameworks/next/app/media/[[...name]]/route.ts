import { nextRoute } from "@node-storages/http/next"
import { site } from "../../../served.ts"

export const { GET, HEAD, OPTIONS, PUT } = nextRoute(site.media, { ...site.mediaOptions, prefix: "/media/" })
