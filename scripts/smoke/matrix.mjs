import { availableParallelism } from "node:os"

/** Cells of a table, each of them a run that asserts something. One that fails does not keep the others from running. */
export class Matrix {
  #cells = []

  /**
   * Runs cells, two at a time.
   * @param row what they have in common
   * @param columns the work of each by its name; what it answers with is shown beside its time
   */
  async row(row, columns) {
    const waiting = Object.entries(columns)
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#cell(row, ...next)
    }
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))
  }

  async #cell(row, column, work) {
    const cell = { row, column, note: "", error: undefined, skipped: false, seconds: 0 }
    this.#cells = [...this.#cells, cell]
    const start = performance.now()
    try {
      const answer = await work()
      cell.skipped = answer?.skipped !== undefined
      cell.note = answer?.skipped ?? answer ?? ""
    } catch (error) {
      cell.error = error
    }
    cell.seconds = (performance.now() - start) / 1000
  }

  get failures() {
    return this.#cells.filter(({ error }) => error)
  }

  /** The errors of the cells that failed, then the table. */
  print() {
    for (const { row, column, error } of this.failures) console.error(`\n${row}, ${column}: ${error.stack ?? error}`)
    const lines = this.#cells.map((cell) => [
      cell.row,
      cell.column,
      cell.error ? "FAILED" : cell.skipped ? "not run" : "ok",
      `${cell.seconds.toFixed(1)} s`,
      cell.note,
    ])
    const widths = [0, 1, 2, 3].map((index) => Math.max(...lines.map((line) => line[index].length)))
    console.log()
    for (const line of lines)
      console.log(
        line
          .map((text, index) => text.padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd(),
      )
    const seconds = this.#cells.reduce((sum, cell) => sum + cell.seconds, 0)
    const { length } = this.#cells
    const skipped = this.#cells.filter((cell) => cell.skipped).length
    console.log(
      `\nPacked packages: ${length - skipped - this.failures.length} cells ok, ${this.failures.length} failed, ${skipped} not run (${seconds.toFixed(0)} s of work).`,
    )
  }
}
