import DefaultTheme from "vitepress/theme"
// oxlint-disable-next-line no-unassigned-import
import "./style.css"

export default DefaultTheme
