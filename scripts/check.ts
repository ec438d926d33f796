import { reported, runStep } from './steps.ts'

/** What must hold besides the tests; the longest first, since all of them start at once. */
const STEPS = {
  types: 'check:types',
  style: 'check:style',
  'dependency law': 'check:law',
  'unused code': 'check:unused',
  documents: 'check:documents',
  traces: 'check:traces',
  contracts: 'check:contracts',
} as const

const outcomes = await Promise.all(
  Object.entries(STEPS).map(async ([name, script]) => {
    const outcome = await runStep(name, script)
    console.log(reported(outcome))
    return outcome
  }),
)

const failed = outcomes.filter((outcome) => !outcome.passed).length
console.log(failed === 0 ? 'all is well' : `${failed} of ${outcomes.length} steps failed`)
process.exitCode = failed === 0 ? 0 : 1
