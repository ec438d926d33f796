import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endEverything, endOnSignals } from '../tests/support/processes/at-the-end.ts'
import { RUN_FOLDER, removeRunFolder, runFolder } from '../tests/support/processes/run-folder.ts'
import { TEST_LENGTH } from '../tests/support/processes/test-length.ts'
import { gateCoverage } from './coverage.ts'
import { ROOT } from './repository.ts'
import { provideBrowserAndSay, provideServers } from './servers.ts'
import type { LevelOutcome } from './test-levels.ts'
import {
  chooseLevels,
  limitOf,
  needBrowser,
  needServers,
  readWish,
  runLevel,
} from './test-levels.ts'
import type { Count } from './test-summary.ts'
import { total, verdict } from './test-summary.ts'

/**
 * `bun run test` runs every level, with coverage. Words name levels (`unit system`), test files or folders; then only those
 * run, without coverage. `--long` gives the tests that have a short and a long form the long one. `--limit=900` gives every
 * level 900 seconds.
 */
const main = async (words: readonly string[]): Promise<Count> => {
  const wish = readWish(words)
  const { asked } = wish
  const levels = chooseLevels(asked)
  const environment = {
    ...folders(),
    ...(wish.isLong ? { [TEST_LENGTH]: 'long' } : {}),
    ...(needServers(levels) ? await provideServers() : {}),
    ...(needBrowser(levels) ? await provideBrowserAndSay() : {}),
  }
  const withCoverage = asked.length === 0
  if (withCoverage) await rm(join(ROOT, 'coverage'), { recursive: true, force: true })
  const outcomes: LevelOutcome[] = []
  for (const level of levels)
    outcomes.push(
      await runLevel({
        level,
        asked,
        environment,
        withCoverage,
        limitSeconds: limitOf(level, wish),
      }),
    )

  console.log(`${told(outcomes)}\n${table(outcomes)}\n`)
  const covered = withCoverage ? await gateCoverage() : true
  return total([...outcomes, { passed: 0, failed: covered ? 0 : 1 }])
}

/** All that the tests write outside the repository is in one folder, so that nothing of a killed process is left. */
const folders = () => {
  const temporary = join(runFolder(), 'temporary')
  mkdirSync(temporary, { recursive: true })
  return { [RUN_FOLDER]: runFolder(), TMPDIR: temporary }
}

/** What failed once more, so that nobody has to look for it among thousands of lines. */
const told = (outcomes: readonly LevelOutcome[]): string =>
  outcomes
    .flatMap(({ level, failures }) => failures.map((failure) => ({ level, failure })))
    .map(({ level, failure }) => `\nFailed in ${level}:\n${failure}\n`)
    .join('')

const table = (outcomes: readonly LevelOutcome[]): string =>
  [['level', 'passed', 'failed', 'seconds'], ...outcomes.map(row)]
    .map(
      ([name = '', ...cells]) => name.padEnd(14) + cells.map((cell) => cell.padStart(9)).join(''),
    )
    .join('\n')

const row = ({ level, passed, failed, seconds }: LevelOutcome): string[] => [
  level,
  String(passed),
  String(failed),
  seconds.toFixed(1),
]

endOnSignals(removeRunFolder)
try {
  const count = await main(process.argv.slice(2))
  console.log(verdict(count))
  process.exitCode = count.failed === 0 ? 0 : 1
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  console.log(verdict({ passed: 0, failed: 1 }))
  process.exitCode = 1
} finally {
  const faults = await endEverything()
  for (const fault of faults) console.error(fault)
  removeRunFolder()
}
