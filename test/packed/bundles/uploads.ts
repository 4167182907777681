import { LocalStorage } from "@node-storages/local"
import { receiveForm } from "@node-storages/uploads"

const body = new FormData()
body.append("file", new Blob(["hello"]), "a.txt")
const request = new Request("http://localhost/", { method: "POST", body })
const { files } = await receiveForm(request, { storage: new LocalStorage("uploads") })
console.log(files.map(({ name, size }) => `${name} ${size}`).join())
