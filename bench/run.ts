import { endEverything, endOnSignals } from '../tests/support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../tests/support/processes/test-run/test-run.ts'
import { allFigures } from './figures/all-figures.ts'
import { openTestBed } from './installation/test-bed.ts'
import { measureMachine } from './measurement/bare-machine.ts'
import type { MeasuredFigure } from './measurement/rounds.ts'
import { measureInRounds } from './measurement/rounds.ts'
import { runProfile } from './profile/run-profile.ts'
import { readComparison } from './report/compare-results.ts'
import { machineText } from './report/machine-text.ts'
import { readRunConditions } from './report/run-conditions.ts'
import { writeCapacity } from './report/write-capacity.ts'
import { figuresTable, writeResults } from './report/write-results.ts'

// `bun run bench` measures every figure and writes the results. `bun run bench reads sign` measures only the figures whose
// names contain one of the words. A run with all figures of docs/capacity.md writes its tables. `--against <results.json>` also compares the figures with an earlier
// run. `bun run bench profile <figure>` shows where the time of a figure goes. Exit code 1: a limit is not met, or a figure
// could not be measured.

const main = async (args: readonly string[]): Promise<boolean> => {
  if (args[0] === 'profile') {
    await runProfile(args.slice(1))
    return true
  }
  const at = args.indexOf('--against')
  const words = at === -1 ? args : args.toSpliced(at, 2)
  // Read first, because it may be the file that this run writes.
  const compare = at === -1 ? null : await readComparison(args[at + 1] ?? '')
  const testBed = openTestBed()
  const conditions = { ...readRunConditions(), servers: await testBed.servers.versions() }
  const bareMachine = await measureMachine(testBed.servers)
  console.log(`This machine, bare: ${machineText(bareMachine)}.\n`)
  const figures = allFigures(testBed).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  )
  const measured: MeasuredFigure[] = []
  for (const figure of figures) {
    console.error(`measuring ${figure.name}`)
    try {
      measured.push(await measureInRounds(figure))
    } catch (fault) {
      // The other figures are measured nevertheless.
      console.error(`${figure.name} was not measured:`, fault)
    }
  }
  const results = { bareMachine, conditions, figures: measured }
  if (words.length === 0) await writeResults(results)
  if (await writeCapacity(results)) console.error('docs/capacity.md has the new figures')
  console.log(figuresTable(measured))
  if (compare !== null) console.log(`\n${compare(results)}`)
  await testBed.close()
  return measured.length === figures.length && measured.every(({ meetsLimits }) => meetsLimits)
}

endOnSignals(removeRunFolder)
let meetsLimits = false
try {
  meetsLimits = await main(process.argv.slice(2))
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
} finally {
  await endEverything()
  removeRunFolder()
}
process.exit(meetsLimits ? 0 : 1)
