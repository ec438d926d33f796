import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'

/** A command that did what it was asked: the document is what `--json` prints instead of the lines. */
export const done = (document: object, ...lines: readonly string[]): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines,
  documents: [document],
})

/** A command that was refused, with the reason and what to do next. */
export const refused = (...lines: readonly string[]): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines,
})

/** A number of things as people write it: `1 event`, `2 events`. */
export const countOf = (count: number, what: string): string =>
  `${count} ${count === 1 ? what : `${what}s`}`

/** A command line that cannot be understood. */
export const wronglyUsed = (line: string): CommandOutcome => ({
  exitCode: EXIT.usage,
  lines: [line],
})
