import { startNginx } from "../servers/nginx.ts"
import { describeStaticServer } from "../static/servers/static-server-suite.ts"
import { printedConfiguration } from "./printed-configuration.ts"

await describeStaticServer({
  title: "nginx",
  start: async (folder) => {
    const storages = `static: () => new LocalStorage("${folder}", { baseUrl: "/assets/v1.0" })`
    return await startNginx(await printedConfiguration("nginx", storages))
  },
  encodings: ["br", "gzip"],
  folderStatus: 403,
  path: "/assets/v1.0",
})
