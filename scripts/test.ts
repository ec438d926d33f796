import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endEverything, endOnSignals } from '../tests/support/processes/at-the-end.ts'
import { removeRunFolder } from '../tests/support/processes/run-folder.ts'
import { gateCoverage } from './coverage.ts'
import { ROOT } from './repository.ts'
import { provideBrowserAndSay, provideServers } from './servers.ts'
import type { LevelOutcome } from './test-levels.ts'
import { chooseLevels, needBrowser, needServers, runLevel } from './test-levels.ts'
import type { Count } from './test-summary.ts'
import { total, verdict } from './test-summary.ts'

/** `bun run test` runs every level, with coverage; `bun run test unit system` runs those named, without. */
const main = async (asked: readonly string[]): Promise<Count> => {
  const levels = chooseLevels(asked)
  const environment = {
    ...(needServers(levels) ? await provideServers() : {}),
    ...(needBrowser(levels) ? await provideBrowserAndSay() : {}),
  }
  const withCoverage = asked.length === 0
  if (withCoverage) await rm(join(ROOT, 'coverage'), { recursive: true, force: true })
  const outcomes: LevelOutcome[] = []
  for (const level of levels) outcomes.push(await runLevel({ level, environment, withCoverage }))

  console.log(`${told(outcomes)}\n${table(outcomes)}\n`)
  const covered = withCoverage ? await gateCoverage() : true
  return total([...outcomes, { passed: 0, failed: covered ? 0 : 1 }])
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
