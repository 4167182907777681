import { upload } from "@node-storages/uploads/browser"

const form = document.querySelector("#direct")
const bar = form.querySelector("progress")
const status = form.querySelector(".status")

form.addEventListener("submit", (event) => {
  event.preventDefault()
  void send(form.elements.file.files[0])
})

async function send(file) {
  status.classList.remove("error")
  status.textContent = `Uploading ${file.name} …`
  bar.hidden = false
  bar.value = 0
  try {
    const { url } = await upload(file, {
      endpoint: "/uploads",
      policy: "photo",
      onProgress: ({ loaded, total }) => (bar.value = loaded / total),
    })
    await shown(url)
    location.reload()
  } catch (error) {
    status.classList.add("error")
    status.textContent = error.message
    bar.hidden = true
  }
}

/** Before the page shows it, the picture is in the browser's cache. */
function shown(url) {
  const picture = new Image()
  picture.src = url
  return picture.decode()
}
