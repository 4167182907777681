import { startNginx } from "../../servers/nginx.ts"
import { nginxConfiguration } from "./guide-configuration.ts"
import { describeStaticServer } from "./static-server-suite.ts"

await describeStaticServer({
  title: "nginx",
  start: (folder) => startNginx((port) => nginxConfiguration(folder, port)),
  encodings: ["br", "gzip"],
  folderStatus: 403,
})
