/** The browser half of uploads: sends a file to the app of upload-server.ts, which serves the page too. */
import { upload } from "@node-storages/uploads/browser"

const file = new File(["hello from a page"], "hello.txt", { type: "text/plain" })
Object.assign(globalThis, { works: upload(file, { endpoint: "/uploads", policy: "any" }) })
