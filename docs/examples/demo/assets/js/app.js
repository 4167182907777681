import { greet } from "./greeting.js"

greet(document.body)
