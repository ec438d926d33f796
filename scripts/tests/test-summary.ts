import { stripVTControlCharacters } from 'node:util'

export type Count = { readonly passed: number; readonly failed: number }

/**
 * Reads the counts from the summary at the end of the output of `bun test`. A skipped test counts as failed. A run also
 * counts as failed when it stopped before its summary, when it had an error but no failed test, and when it had no test.
 */
export const countTests = (output: string, exitCode: number | null): Count => {
  const summary = summaryOf(stripVTControlCharacters(output))
  if (summary === null) return { passed: 0, failed: 1 }
  const number = (word: string) =>
    Number(new RegExp(`^ *(\\d+) ${word}$`, 'm').exec(summary)?.[1] ?? 0)
  const passed = number('pass')
  const failed = number('fail') + number('skip') + number('todo')
  const hasHiddenFailure = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: hasHiddenFailure ? 1 : failed }
}

/** The block of counts with the line `Ran N tests across M files.` Null when the run stopped before it. */
const summaryOf = (output: string): string | null => {
  const blocks = output.trimEnd().split(/\n\s*\n/)
  const last = blocks.at(-1) ?? ''
  return /^Ran \d+ tests? across \d+ files?\./m.test(last) ? last : null
}

/** Each failed test, with the last lines of its output: first the reason, then the name. Without colours. */
export const failuresIn = (output: string): string[] => {
  const lines = stripVTControlCharacters(output).split('\n')
  const repetition = lines.findLastIndex((line) => /^\d+ tests? failed:$/.test(line))
  // Bun repeats the failures at the end, without their reasons.
  const results = repetition === -1 ? lines : lines.slice(0, repetition)
  return results.flatMap((line, index) => {
    if (!line.startsWith('(fail)')) return []
    const start =
      results.findLastIndex((before, at) => at < index && END_OF_PREVIOUS.test(before)) + 1
    return results
      .slice(Math.max(start, index - REASON_LINES), index + 1)
      .join('\n')
      .trim()
  })
}

/** The last line of the previous test, or the line with the name of the file. */
const END_OF_PREVIOUS = /^\((pass|fail|skip|todo)\) |^tests\/\S+:$/
const REASON_LINES = 30

/** The files that were running when a signal ended Bun. Bun names them only when it runs two files at a time. */
export const runningFilesIn = (output: string): string[] => {
  const lines = stripVTControlCharacters(output).split('\n')
  const named = lines.slice(lines.lastIndexOf('Interrupted while still running:') + 1)
  const end = named.findIndex((line) => !line.startsWith('  '))
  return named.length === lines.length ? [] : named.slice(0, end).map((line) => line.trim())
}

/** The sum of the counts. */
export const total = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((sum, { passed }) => sum + passed, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
})

/** The last line of a run. `.ci/run` reads it. */
export const verdict = ({ passed, failed }: Count): string => `${passed} passed, ${failed} failed`
