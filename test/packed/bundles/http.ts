import { parseRange, serveStorage } from "@node-storages/http"

console.log(JSON.stringify(parseRange("bytes=1-2", 10)), typeof serveStorage)
