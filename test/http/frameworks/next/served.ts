import { Site } from "../site.ts"

/** What the test serves: told by the environment, as the app runs in a process of its own. */
export const site: Site = new Site(process.env["SITE_FOLDER"]!, process.env["SITE_ORIGIN"]!)
