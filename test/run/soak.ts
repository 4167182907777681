/** Whether this run proves what takes long: `npm run test:soak`, which CI runs each night and before a release. */
const isSoak = process.env["NODE_STORAGES_TEST_SOAK"] === "yes"

/**
 * How many rounds, files or bytes a test takes: the same test with the same assertions, small in `npm test`.
 * @param full what proves the most
 * @param small what shows a fault that is no accident, in a few seconds
 */
export function soak(full: number, small: number): number {
  return isSoak ? full : small
}
