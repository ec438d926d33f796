import { endEverything, endOnSignals } from '../../support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../../support/processes/test-run/test-run.ts'
import { loadOf, loadText } from './load-of-suite.ts'
import { runLocally } from './run-locally.ts'
import { confirmTarget, loadVariables, runRemotely } from './run-remotely.ts'
import { suiteNamed } from './suites.ts'

// `bun run test:load [suite …]` starts everything that a suite needs, runs the suite, and stops everything again. Without a
// name it runs the suite `smoke`. `RATE=`, `DURATION=` and `USERS=` change the load. `--url https://…` sends the load to your own installation
// instead, after a question. Exit code 1: a threshold was missed, or the run failed.

const main = async (args: readonly string[]): Promise<boolean> => {
  const urlAt = args.indexOf('--url')
  const target = urlAt === -1 ? null : (args[urlAt + 1] ?? '')
  const names = urlAt === -1 ? args : args.toSpliced(urlAt, 2)
  const suites = (names.length === 0 ? ['smoke'] : names).map(suiteNamed)
  if (target !== null && !(await confirmTarget(target, suites))) return false
  const runs = suites.map((suite) => ({ suite, load: loadOf(suite, loadVariables()) }))
  let passed = true
  for (const { suite, load } of runs) {
    console.log(`\n${loadText(suite, load)}`)
    const suitePassed = await (target === null
      ? runLocally(suite, load)
      : runRemotely(target, suite, load))
    passed = suitePassed && passed
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
console.log(passed ? 'every threshold was met' : 'a threshold was missed, or the run failed')
process.exit(passed ? 0 : 1)
