import { endEverything, endOnSignals } from '../../support/processes/at-the-end.ts'
import { removeRunFolder } from '../../support/processes/run-folder.ts'
import { confirmTarget } from './confirm-target.ts'
import { runAgainst } from './run-against.ts'
import { runHere } from './run-here.ts'
import { suiteNamed } from './suites.ts'

// `bun run test:load [suite …]` starts everything that a suite needs, runs it, and ends everything again; without a name
// it is the smoke suite. `RATE=` and `DURATION=` go to k6. `--url https://…` sends the load to an installation of yours
// instead, after a question. Exit code 1: a threshold is missed.

const main = async (words: readonly string[]): Promise<boolean> => {
  const at = words.indexOf('--url')
  const target = at === -1 ? null : (words[at + 1] ?? '')
  const names = words.filter((_, index) => at === -1 || (index !== at && index !== at + 1))
  const suites = (names.length === 0 ? ['smoke'] : names).map(suiteNamed)
  if (target !== null && !(await confirmTarget(target, suites))) return false
  let passed = true
  for (const suite of suites) {
    console.log(`\nsuite ${suite.name}`)
    passed = (await (target === null ? runHere(suite) : runAgainst(target, suite))) && passed
  }
  return passed
}

endOnSignals(removeRunFolder)
let passed = false
try {
  passed = await main(process.argv.slice(2))
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
} finally {
  for (const fault of await endEverything()) console.error(fault)
  removeRunFolder()
}
console.log(passed ? 'every threshold is held' : 'a threshold is missed, or the run failed')
process.exit(passed ? 0 : 1)
