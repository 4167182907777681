/** For packages that answer requests of all frameworks as this one does. */
export { type Answer, type AnswerHeaders, emptyAnswer, type Incoming, plainAnswer } from "./answer.ts"
export { checkedOrigins, PREFLIGHT_AGE } from "./origins.ts"
export { reporter } from "./reporter.ts"
export { nodeIncoming, sendReported } from "./node.ts"
export { webIncoming, webResponse } from "./web.ts"
