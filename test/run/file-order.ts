import { BaseSequencer, type TestSpecification } from "vitest/node"
import { SLOW_FILES } from "./projects.ts"

/**
 * The files of packages need no server and are run while servers start and programs are installed; then those that
 * take longest, so that the end of a run does not wait for one of them.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

function rankOf({ project, moduleId }: TestSpecification): number {
  if (project.name.startsWith("packages")) return 0
  return SLOW_FILES.some((file) => moduleId.endsWith(file)) ? 1 : 2
}
