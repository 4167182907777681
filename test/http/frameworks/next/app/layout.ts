import { createElement, type ReactElement, type ReactNode } from "react"

export default function Layout({ children }: { children: ReactNode }): ReactElement {
  return createElement("html", null, createElement("body", null, children))
}
