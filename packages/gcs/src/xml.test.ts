import { expect, test } from "vitest"
import { elementsOf, escapeXml, textOf } from "./xml.ts"

test("an element's text is read with its entities", () => {
  const xml = "<a><ETag>&quot;x&amp;quot;&quot;</ETag><Key>&lt;&#228;&#xE4;&gt;&apos;&unknown;</Key><Empty></Empty></a>"
  expect(textOf(xml, "ETag")).toBe('"x&quot;"')
  expect(textOf(xml, "Key")).toBe("<ää>'&unknown;")
  expect([textOf(xml, "Empty"), textOf(xml, "Missing")]).toEqual(["", undefined])
})

test("elements are told apart, over lines", () => {
  expect(
    elementsOf("<Part>\n<A>1</A></Part><Parts/><Part><A>2</A>\n</Part>", "Part").map((each) => each.trim()),
  ).toEqual(["<A>1</A>", "<A>2</A>"])
  expect(elementsOf("<Parts></Parts>", "Part")).toEqual([])
})

test("text is escaped so that it can be read again", () => {
  const text = `"a" & <b> 'c' &amp;`
  expect(textOf(`<T>${escapeXml(text)}</T>`, "T")).toBe(text)
})
