/** A page of the collected tree. */
export interface Sample {
  readonly page: string
  /** An expression that becomes true in the page when all that it is made of works. */
  readonly works: string
  /** Files of the tree that it must have asked for under their names with a hash. */
  readonly loads: readonly string[]
}

const fontsAreLoaded = (...families: string[]) =>
  `${JSON.stringify(families)}.every((family) =>
    [...document.fonts].some((font) => font.status === "loaded" && font.family.replace(/["']/g, "") === family))`

/** A canvas with more than a few colours. */
const CANVAS_IS_DRAWN = `(() => {
  const canvas = document.querySelector("canvas")
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height })
  const context = copy.getContext("2d")
  context.drawImage(canvas, 0, 0)
  return new Set(new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer)).size > 10
})()`

const FONT_AWESOME = "@fortawesome/fontawesome-free"

/** What was written for these tests stands in `site/pages/`, the rest is the packages' own. */
export const SAMPLES: readonly Sample[] = [
  {
    page: "pages/bootstrap.html",
    works: `(document.querySelector(".modal.show") !== null || document.querySelector(".btn").click()) &&
      getComputedStyle(document.querySelector(".btn-primary")).backgroundColor === "rgb(13, 110, 253)"`,
    loads: ["bootstrap/dist/css/bootstrap.min.css", "bootstrap/dist/js/bootstrap.bundle.min.js"],
  },
  {
    page: "pages/fontawesome.html",
    works: `${fontsAreLoaded("Font Awesome 7 Free", "Font Awesome 7 Brands")} &&
      document.querySelector("#picture").naturalWidth > 0 && document.querySelector("#sprite").getBBox().width > 0 &&
      getComputedStyle(document.querySelector("#drawing").contentDocument.querySelector("circle")).fill === "rgb(1, 2, 3)"`,
    loads: [
      `${FONT_AWESOME}/webfonts/fa-solid-900.woff2`,
      `${FONT_AWESOME}/sprites/solid.svg`,
      `${FONT_AWESOME}/svgs/solid/star.svg`,
      "pages/drawing.svg",
      "pages/drawing.css",
      "leaflet/dist/images/marker-icon.png",
    ],
  },
  {
    page: "pages/katex.html",
    works: fontsAreLoaded("KaTeX_Main", "KaTeX_Math"),
    loads: ["katex/dist/katex.min.css", "katex/dist/katex.mjs", "katex/dist/fonts/KaTeX_Main-Regular.woff2"],
  },
  {
    page: "pages/leaflet.html",
    works: `document.querySelector(".leaflet-popup-content")?.textContent === "A marker" &&
      document.images.length === 2 && [...document.images].every(({ naturalWidth }) => naturalWidth > 0)`,
    loads: [
      "leaflet/dist/leaflet-src.esm.js",
      "leaflet/dist/images/marker-icon.png",
      "leaflet/dist/images/marker-shadow.png",
      "leaflet/dist/images/layers.png",
    ],
  },
  {
    page: "pages/jquery-ui.html",
    works: `document.querySelector(".ui-dialog .ui-datepicker-calendar") !== null`,
    loads: ["jquery/dist/jquery.min.js", "jquery-ui-dist/images/ui-icons_444444_256x240.png"],
  },
  {
    page: "jquery-ui-dist/index.html",
    works: `document.querySelector("#tabs.ui-tabs .ui-tabs-panel") !== null`,
    loads: ["jquery-ui-dist/external/jquery/jquery.js", "jquery-ui-dist/jquery-ui.js", "jquery-ui-dist/jquery-ui.css"],
  },
  {
    page: "pages/swagger.html",
    works: `document.querySelector(".opblock-summary-path")?.textContent.includes("files")`,
    loads: ["swagger-ui-dist/swagger-ui.css", "swagger-ui-dist/swagger-ui-bundle.js"],
  },
  {
    // Themes, plugins and styles are found at run time, beside the script: under their plain names.
    page: "pages/tinymce.html",
    works: `globalThis.tinymce?.activeEditor?.initialized &&
      tinymce.activeEditor.getContent() === "<p>Some <strong>text</strong>.</p>"`,
    loads: ["tinymce/tinymce.min.js"],
  },
  {
    // A loader of its own, and workers by names made at run time.
    page: "pages/monaco.html",
    works: `globalThis.markers?.some(({ message }) => message.includes("not assignable to type 'number'"))`,
    loads: ["monaco-editor/min/vs/loader.js"],
  },
  {
    // Fonts and a worker by names made at run time.
    page: "pages/mathjax.html",
    works: `document.querySelector("mjx-container mjx-mfrac") !== null && ${fontsAreLoaded("MJX-NCM-N", "MJX-NCM-DS")}`,
    loads: ["mathjax/tex-chtml.js"],
  },
  {
    page: "pages/three.html",
    works: `globalThis.sameThree && document.querySelectorAll("svg path").length > 100 && ${CANVAS_IS_DRAWN}`,
    loads: ["three/build/three.module.js", "three/build/three.core.js"],
  },
  {
    page: "pages/pdfjs.html",
    works: `globalThis.rendered && ${CANVAS_IS_DRAWN}`,
    loads: ["pdfjs-dist/build/pdf.mjs", "pdfjs-dist/build/pdf.worker.mjs", "pdfjs-dist/web/pdf_viewer.css"],
  },
]
