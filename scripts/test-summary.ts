import { stripVTControlCharacters } from 'node:util'

export type Count = { readonly passed: number; readonly failed: number }

/**
 * Reads the counts from what `bun test` says last. A skipped test counts as failed, and so does a run that broke
 * off, ended badly without naming a test, or had nothing to run.
 */
export const countTests = (output: string, exitCode: number | null): Count => {
  const summary = summaryOf(stripVTControlCharacters(output))
  if (summary === null) return { passed: 0, failed: 1 }
  const number = (word: string) =>
    Number(new RegExp(`^ *(\\d+) ${word}$`, 'm').exec(summary)?.[1] ?? 0)
  const passed = number('pass')
  const failed = number('fail') + number('skip') + number('todo')
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: unexplained ? 1 : failed }
}

/** The block of counts above the line `Ran N tests across M files.`; null when the run never got that far. */
const summaryOf = (output: string): string | null => {
  const blocks = output.trimEnd().split(/\n\s*\n/)
  const last = blocks.at(-1) ?? ''
  return /^Ran \d+ tests? across \d+ files?\./m.test(last) ? last : null
}

/** Each test that failed, with the end of what Bun said of it: its reason, then its name. Without colours. */
export const failuresIn = (output: string): string[] => {
  const lines = stripVTControlCharacters(output).split('\n')
  const ends = lines.findLastIndex((line) => /^\d+ tests? failed:$/.test(line))
  const told = ends === -1 ? lines : lines.slice(0, ends)
  return told.flatMap((line, index) => {
    if (!line.startsWith('(fail)')) return []
    const began = told.findLastIndex((before, at) => at < index && OF_ANOTHER.test(before)) + 1
    return told
      .slice(Math.max(began, index - REASON_LINES), index + 1)
      .join('\n')
      .trim()
  })
}

/** A line that belongs to the test before, or to its file. */
const OF_ANOTHER = /^\((pass|fail|skip|todo)\) |^tests\/\S+:$/
const REASON_LINES = 30

/** The files that Bun names when a signal ends it while it runs two at a time. */
export const runningFilesIn = (output: string): string[] => {
  const lines = stripVTControlCharacters(output).split('\n')
  const named = lines.slice(lines.lastIndexOf('Interrupted while still running:') + 1)
  const end = named.findIndex((line) => !line.startsWith('  '))
  return named.length === lines.length ? [] : named.slice(0, end).map((line) => line.trim())
}

export const total = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((sum, { passed }) => sum + passed, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
})

/** The very last line of a run: other programs read it. */
export const verdict = ({ passed, failed }: Count): string => `${passed} passed, ${failed} failed`
