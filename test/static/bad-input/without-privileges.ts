import { findProgram } from "../../servers/programs.ts"

const CAPABILITIES = "--bounding-set=-dac_override,-dac_read_search"

/**
 * What runs a program so that the modes of files hold for it: root ignores them otherwise. Undefined where that can't
 * be had.
 */
export function withoutPrivileges(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return process.platform === "win32" ? undefined : []
  const setpriv = findProgram("setpriv")
  return setpriv === undefined ? undefined : [setpriv, CAPABILITIES, "--"]
}
