/** What the command ends with. `docs/cli.md` lists them; scripts may rely on them. */
export const EXIT = {
  /** All was done. */
  done: 0,
  /** Something failed: an operation, or some of many files. What was done by then stays. */
  failed: 1,
  /** The command line or the configuration is wrong. Nothing was done. */
  usage: 2,
  /** There is no such file. */
  notFound: 3,
  /** The answer to the question was no, or it needs `--yes` where nobody can be asked. Nothing was done. */
  declined: 4,
  /** Ctrl-C: 128 and the signal's number. */
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
