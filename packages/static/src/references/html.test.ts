import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { htmlReader } from "./html.ts"
import { replaceAll, urlsIn } from "./testing/replace.ts"
import { nastyUrl } from "./testing/urls.ts"

const FOUND: readonly (readonly [html: string, urls: readonly string[]])[] = [
  ["<img src=a.png>", ["a.png"]],
  ["<IMG SRC = ' a.png\n'>", ["a.png"]],
  ['<img src="a.png?b=1&amp;c=2#d">', ["a.png?b=1&c=2#d"]],
  ['<img src="a.png?b=1&copy=2&notit;&copy/&#x2f;&semi;&nope;">', ["a.png?b=1&copy=2&notit;©//;&nope;"]],
  ['\uFEFF<!doctype html>\r\n<p>😀\r\n<img src="a.png">', ["a.png"]],
  ["<img srcset='a.png 1x, b,c.png 2x' src=d.png>", ["a.png", "b,c.png", "d.png"]],
  ["<img srcset='a.png&#32;1x,&#32;b&amp;.png 2x'>", ["a.png", "b&.png"]],
  ["<picture><source srcset=a.webp><img src=b.png></picture>", ["a.webp", "b.png"]],
  [
    "<video src=a.mp4 poster=b.png><source src=c.mp4><track src=d.vtt></video><audio src=e.mp3></audio>",
    ["a.mp4", "b.png", "c.mp4", "d.vtt", "e.mp3"],
  ],
  ["<embed src=a.swf><object data=b.pdf></object>", ["a.swf", "b.pdf"]],
  ["<input type=IMAGE src=a.png><input src=no.png>", ["a.png"]],
  ["<script src=a.js></script><script type=module src='./b.js'></script>", ["a.js", "./b.js"]],
  ["<link rel=stylesheet href=a.css><link rel='alternate STYLESHEET' href=b.css>", ["a.css", "b.css"]],
  ["<link rel='shortcut icon' href=a.ico><link rel=apple-touch-icon href=b.png>", ["a.ico", "b.png"]],
  ["<link rel=manifest href=a.webmanifest><link rel=modulepreload href=b.js>", ["a.webmanifest", "b.js"]],
  ["<link rel=preload as=image href=a.png imagesrcset='b.png 1x, c.png 2x'>", ["a.png", "b.png", "c.png"]],
  [
    "<link rel=canonical href=no><link rel=alternate href=no><link rel=preconnect href=/no><link rel=dns-prefetch href=no><link href=no>",
    [],
  ],
  ["<a href=no.html>x</a><iframe src=no.html></iframe><form action=no></form><area href=no>", []],
  ["<base target=_top><img src=a.png>", ["a.png"]],
  ["<base href='/other/'><img src=a.png><style>a{b:url(c)}</style>", []],
  ["<style>\r\na{b:url('c&amp;.png')}</style>", ["c&amp;.png"]],
  ["<p style='background:url(&quot;a.png&quot;)'>", ["a.png"]],
  ["<p style=background:url(a.png)>", ["a.png"]],
  ["<script type=module>import './a.js';import('./b.js');'</p>'</script>", ["./a.js", "./b.js"]],
  ["<script>import('./a.js')</script>", ["./a.js"]],
  ["<script type='text/template'><img src=no.png>import('./no.js')</script>", []],
  [
    '<script type=importmap>{"imports":{"a":"./a.js","b/":"./b/","c":"https://h/c","d":"d.js","e":null},"scopes":{"/s/":{"a":"/s.js"}},"integrity":{"./a.js":"sha"}}</script>',
    ["./a.js", "/s.js", "./a.js"],
  ],
  ['<script type=importmap>{"imports":{"./a.js":"./b.js","./c/":"./d/"}}</script>', ["./a.js", "./b.js"]],
  ["<noscript><img src=a.png></noscript><template><img src=b.png></template>", ["a.png", "b.png"]],
  ["<head><noscript><link rel=stylesheet href=a.css></noscript></head>", ["a.css"]],
  [
    "<svg><use href='a.svg#b'/><image xlink:href=c.png /><a href=no></a><rect fill='url(#no)' mask='url(d.svg#e)'/></svg>",
    ["a.svg#b", "c.png", "d.svg#e"],
  ],
  ["<svg><style>a{b:url(&quot;c.png&quot;)}</style></svg>", ["c.png"]],
  ["<b><p></b><img src=a.png></p>", ["a.png"]],
  ["<table><img src=a.png><tr><td><img src=b.png></table>", ["a.png", "b.png"]],
  ["<!-- <img src=no.png> --><textarea><img src=no.png></textarea><title><img src=no></title>", []],
  ["<img src><img src=''><img src='data:x'><img src='//h/x'><img src='#x'><img alt='src=no.png'>", []],
  ["<img src=a.png", []],
]

describe("htmlReader", () => {
  test.each([
    ["<script src=a.js integrity='sha256-a&#61; sha384-b'></script>", "a.js", "sha256-a= sha384-b"],
    ["<link integrity=sha256-a rel=stylesheet href=a.css>", "a.css", "sha256-a"],
    ["<link rel=modulepreload href=a.js integrity=sha256-a>", "a.js", "sha256-a"],
    ['<script type=importmap>{"integrity":{"./a.js":"sha256-a"}}</script>', "./a.js", "sha256-a"],
  ])("reads in %j the digest that is asked of the file, and its place", (html, url, value) => {
    const [reference, ...others] = htmlReader.read(html)
    expect(others).toEqual([])
    expect(reference).toMatchObject({ url, integrity: { value } })
    const { start, end, write } = reference!.integrity!
    const changed = html.slice(0, start) + write('new" &') + html.slice(end)
    expect(htmlReader.read(changed)[0]!.integrity!.value).toBe('new" &')
  })

  test("reads no digest where there is none, and none for the pictures of a preload", () => {
    const html = "<script src=a.js integrity></script><link rel=preload imagesrcset='b.png 1x' integrity=x>"
    expect(htmlReader.read(html).map(({ url, integrity }) => [url, integrity])).toEqual([
      ["a.js", undefined],
      ["b.png", undefined],
    ])
  })

  test.each([
    "<img src='{{ photo }}'>",
    "<script src='{% url %}'></script>",
    "<link rel=stylesheet href='<%= css %>'>",
    "<img srcset='${photo} 2x'>",
    '<script type=importmap>{"imports":{"./mapped.js":"https://h/a.js"}}</script>',
  ])("does not insist on %j, which may be replaced before a browser sees it", (html) => {
    expect(htmlReader.read(html).map(({ unresolved }) => unresolved)).toEqual(["ignored"])
  })

  test.each(FOUND)("reads in %j the references %j", (html, urls) => {
    expect(urlsIn(htmlReader, html)).toEqual(urls)
  })

  test.each([
    ["<img src = ' a.png '>", "<img src = ' b\"&amp;&#39;.png '>", "b\"&'.png"],
    ["<img src=a.png alt=x>", "<img src=b&#32;c&gt;.png alt=x>", "b c>.png"],
    ["<img srcset='a.png 1x,&#32;b&amp;.png 2x'>", "<img srcset='c%20d&amp; 1x,&#32;c%20d&amp; 2x'>", "c d&"],
    ["<p style='b:url(&quot;a.png&quot;) x'>", `<p style='b:url("\\"&amp;") x'>`, '"&'],
    ["<p style=b:url(a.png)>", "<p style=b:url(&quot;c&#32;d&quot;)>", "c d"],
    ["<style>a{b:url(c)}</style>", '<style>a{b:url("\\3c /style\\3e ")}</style>', "</style>"],
    [
      "<script type=module>import './a.js'</script>",
      "<script type=module>import '\\x3C/script>'</script>",
      "</script>",
    ],
    [
      '<script type=importmap>{"imports":{"a":"./a"}}</script>',
      '<script type=importmap>{"imports":{"a":"\\u003c\\""}}</script>',
      '<"',
    ],
  ])("turns %j into %j", (before, after, url) => {
    expect(replaceAll(before, htmlReader.read(before), () => url)).toBe(after)
  })

  const around = fc.constantFrom("<!-- <img src=no> -->", "\r\n", "<p>&amp; é 😀</p>", "<a href=no>x</a>", "<b><i></b>")
  const reference = fc.tuple(
    fc.constantFrom(
      (url: string) => `<img src="${url}">`,
      (url: string) => `<IMG alt='a' src='${url}'/>`,
      (url: string) => `<video poster= ${url} ></video>`,
      (url: string) => `<p style="a:url(${url})">x</p>`,
      (url: string) => `<p style='a:url("${url}")'>x</p>`,
      (url: string) => `<style>a{b:url('${url}')}</style>`,
      (url: string) => `<script type=module>import "${url}"</script>`,
      (url: string) => `<svg><use xlink:href="${url}"/><style>a{b:url(&apos;#no&apos;)}</style></svg>`,
      (url: string) => `<svg><style>a{b:url("${url}")}</style></svg>`,
    ),
    fc.constantFrom("./a.png", "../b/c.svg#d", "/e.js"),
  )

  test("finds exactly the references of any document, and each new URL is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(around, reference), { maxLength: 6 }), nastyUrl, (parts, url) => {
        const html = parts.map(([before, [write, target]]) => before + write(target)).join("")
        const originals = parts.map(([, [, target]]) => target)
        expect(urlsIn(htmlReader, html)).toEqual(originals)
        const replaced = replaceAll(html, htmlReader.read(html), () => url)
        expect(urlsIn(htmlReader, replaced)).toEqual(parts.map(() => url))
      }),
    )
  })

  test("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "img ",
      "src=",
      "'",
      '"',
      "&",
      "amp;",
      "style=",
      "url(",
      ")",
      "<svg>",
      "<style>",
      "<![CDATA[",
      "]]>",
      "a",
      "\r\n",
    )
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join("")),
        (text) => {
          expect(() => replaceAll(text, htmlReader.read(text), () => "x")).not.toThrow()
        },
      ),
    )
  })
})
