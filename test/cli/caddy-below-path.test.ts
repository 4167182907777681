import { startCaddy } from "../servers/caddy.ts"
import { describeStaticServer } from "../static/servers/static-server-suite.ts"
import { printedConfiguration } from "./printed-configuration.ts"

await describeStaticServer({
  title: "Caddy",
  start: async (folder) => {
    const storages = `static: () => new LocalStorage("${folder}", { baseUrl: \`http://127.0.0.1:\${PORT}/assets/v1.0\` })`
    return await startCaddy(await printedConfiguration("caddy", storages, [], ', compress: ["br", "zstd", "gzip"]'))
  },
  encodings: ["br", "zstd", "gzip"],
  folderStatus: 404,
  path: "/assets/v1.0",
})
