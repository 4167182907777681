import { describe, expect, it } from "vitest"
import { splitUrl } from "./url-place.ts"

describe("a file in a URL", () => {
  it.each([
    ["s3://bucket/a/b.png?region=x", "s3://bucket/a?region=x", "b.png"],
    ["s3://bucket/b.png?region=x", "s3://bucket?region=x", "b.png"],
    ["s3://KEY:SECRET@bucket/a/b%20c.png", "s3://KEY:SECRET@bucket/a", "b c.png"],
    ["gs://bucket/gr%C3%B6%C3%9Fe.txt", "gs://bucket", "größe.txt"],
    ["file:///srv/media/a.png", "file:///srv/media", "a.png"],
    ["file:///a.png", "file:///", "a.png"],
    ["sftp://host/srv/a.png", "sftp://host/srv", "a.png"],
  ])("%s is in %s, and called %s", (url, storage, name) => {
    expect(splitUrl(url)).toEqual({ storage, name })
  })

  it.each(["s3://bucket", "s3://bucket/", "s3://bucket/a/?region=x", "s3://bucket/%zz", "s3://"])(
    "there is none in %s",
    (url) => {
      expect(splitUrl(url)).toEqual({ storage: url, name: "" })
    },
  )
})
