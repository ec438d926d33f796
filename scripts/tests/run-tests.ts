import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endEverything, endOnSignals } from '../../tests/support/processes/test-run/at-the-end.ts'
import {
  RUN_FOLDER,
  removeRunFolder,
  runFolder,
  TEST_LENGTH,
} from '../../tests/support/processes/test-run/test-run.ts'
import { ROOT } from '../repository.ts'
import { checkCoverage } from './coverage.ts'
import { provideServers, provideTestBrowser } from './provide-servers.ts'
import type { LevelOutcome } from './test-levels.ts'
import {
  chooseLevels,
  limitOf,
  needBrowser,
  needServers,
  readArguments,
  runLevel,
} from './test-levels.ts'
import type { Count } from './test-summary.ts'
import { total, verdict } from './test-summary.ts'

/**
 * `bun run test` runs every level and measures the coverage. Arguments name levels (`unit system`), test files or folders.
 * Then only these run, without coverage. `--long` runs the long form of tests that have a short and a long form.
 * `--limit=900` gives each level 900 seconds.
 */
const main = async (args: readonly string[]): Promise<Count> => {
  const selection = readArguments(args)
  const { names } = selection
  const levels = chooseLevels(names)
  const environment = {
    ...folders(),
    ...(selection.isLong ? { [TEST_LENGTH]: 'long' } : {}),
    ...(needServers(levels) ? await provideServers() : {}),
    ...(needBrowser(levels) ? await provideTestBrowser() : {}),
  }
  const withCoverage = names.length === 0
  if (withCoverage) await rm(join(ROOT, 'coverage'), { recursive: true, force: true })
  const outcomes: LevelOutcome[] = []
  for (const level of levels)
    outcomes.push(
      await runLevel({
        level,
        names,
        environment,
        withCoverage,
        limitSeconds: limitOf(level, selection),
      }),
    )

  console.log(`${failuresOf(outcomes)}\n${table(outcomes)}\n`)
  const isCovered = withCoverage ? await checkCoverage() : true
  return total([...outcomes, { passed: 0, failed: isCovered ? 0 : 1 }])
}

/** Everything that the tests write outside the repository is in one folder. So nothing remains when a process is killed. */
const folders = () => {
  const temporary = join(runFolder(), 'temporary')
  mkdirSync(temporary, { recursive: true })
  return { [RUN_FOLDER]: runFolder(), TMPDIR: temporary }
}

/** All failures again at the end, so that a reader finds them without reading the whole output. */
const failuresOf = (outcomes: readonly LevelOutcome[]): string =>
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
