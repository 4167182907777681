import { createElement, type ReactElement } from "react"
import { OWN_404 } from "../../site.ts"

export default function NotFound(): ReactElement {
  return createElement("p", null, OWN_404)
}
