import type { FileInfo } from "@node-storages/core"
import { type Html, html, scriptTag, type StaticUrls, styleTag } from "@node-storages/static"

export interface Photo {
  readonly name: string
  readonly url: string
  readonly size: number
}

export interface Document {
  readonly info: FileInfo
  /** For who is signed in: the app checks each request. */
  readonly url: string
  /** For anybody who has it, for some minutes. */
  readonly signedUrl: string
}

export interface PageContent {
  readonly photos: readonly Photo[]
  readonly documents: readonly Document[]
  readonly user: string | undefined
  readonly message?: { readonly text: string; readonly isError: boolean } | undefined
}

function sizeText(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function fileName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1)
}

/** The one page of the app. */
export function page(files: StaticUrls, { photos, documents, user, message }: PageContent): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Lightbox</title>
        <link rel="icon" href="${files.url("img/logo.svg")}" />
        ${styleTag(files, "css/app.css")} ${scriptTag(files, "js/page.js")}
      </head>
      <body>
        <header>
          <span class="logo"></span>
          <div>
            <h1>Lightbox</h1>
            <p class="tagline">Pictures for everybody, documents for members</p>
          </div>
          ${
            user === undefined
              ? html`<form method="post" action="/sign-in"><button>Sign in as Ada</button></form>`
              : html`<form method="post" action="/sign-out"><button class="quiet">${user} · sign out</button></form>`
          }
        </header>
        <main>
          ${message && html`<p class="message ${message.isError && "error"}" role="status">${message.text}</p>`}
          <section class="uploads">
            <form class="card" method="post" action="/photos" enctype="multipart/form-data">
              <h3>Through the app</h3>
              <p>A form, streamed into the storage. Pictures up to 5 MB, by their content and not by their name.</p>
              <div class="row">
                <input type="file" name="photo" accept="image/*" required aria-label="Picture" />
                <button>Upload</button>
              </div>
            </form>
            <form class="card" id="direct">
              <h3>Straight to the storage</h3>
              <p>A signed upload from the browser, up to 50 MB, that goes on where a lost connection left it.</p>
              <div class="row">
                <input type="file" name="file" accept="image/*" required aria-label="Picture" />
                <button>Upload</button>
              </div>
              <progress value="0" max="1" hidden></progress>
              <p class="status" role="status"></p>
            </form>
          </section>
          <h2>Pictures <small>${photos.length} in the media storage, public</small></h2>
          <ul class="gallery">
            ${photos.map(
              ({ name, url, size }) =>
                html`<li>
                  <figure>
                    <a href="${url}"><img src="${url}" alt="${fileName(name)}" loading="lazy" /></a>
                    <figcaption><b>${fileName(name)}</b>${sizeText(size)}</figcaption>
                  </figure>
                </li>`,
            )}
          </ul>
          <h2>
            Documents <small>private: ${user === undefined ? "sign in to read them" : `${user} may read them`}</small>
          </h2>
          <ul class="documents">
            ${documents.map(
              ({ info, url, signedUrl }) =>
                html`<li>
                  <b>${fileName(info.name)}</b><span>${sizeText(info.size)}</span>
                  <div class="row">
                    <a class="button quiet" href="${url}">Open</a>
                    ${user !== undefined && html`<a class="button quiet" href="${signedUrl}">Link for 10 minutes</a>`}
                  </div>
                </li>`,
            )}
          </ul>
        </main>
        <footer>
          Static files were collected to <code>${files.url("css/app.css")}</code> and are cached for ever. Pictures come
          from <code>/media/</code>, documents from <code>/documents/</code>, each from a storage of its own.
        </footer>
      </body>
    </html>`
}
