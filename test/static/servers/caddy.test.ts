import { startCaddy } from "../../servers/caddy.ts"
import { caddyConfiguration } from "./guide-configuration.ts"
import { describeStaticServer } from "./static-server-suite.ts"

await describeStaticServer({
  title: "Caddy",
  start: (folder) => startCaddy((port) => caddyConfiguration(folder, port)),
  encodings: ["br", "zstd", "gzip"],
  folderStatus: 404,
})
