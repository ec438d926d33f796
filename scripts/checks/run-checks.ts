import { spawn } from 'node:child_process'
import { ROOT } from '../repository.ts'

/** The checks of `bun run check`, and the script of package.json that runs each. All of them start at once. */
const CHECKS = {
  types: 'check:types',
  style: 'check:style',
  'dependency law': 'check:law',
  'unused code': 'check:unused',
  documents: 'check:documents',
  'api document': 'check:api',
  traces: 'check:traces',
  contracts: 'check:contracts',
} as const

type Outcome = {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

/** Runs a script of package.json with the Bun of this process, and collects its output. */
const runScript = (name: string, script: string): Promise<Outcome> => {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--bun', 'run', '--silent', script], { cwd: ROOT })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const seconds = (performance.now() - startedAt) / 1000
      resolve({ name, passed: code === 0, seconds, output })
    })
  })
}

/** One line for a check that passed. For a check that failed, its whole output follows. */
const reportOf = ({ name, passed, seconds, output }: Outcome): string => {
  const line = `${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`
  return passed ? line : `${line}\n${output.trimEnd()}\n`
}

const outcomes = await Promise.all(
  Object.entries(CHECKS).map(async ([name, script]) => {
    const outcome = await runScript(name, script)
    console.log(reportOf(outcome))
    return outcome
  }),
)

const failed = outcomes.filter((outcome) => !outcome.passed).length
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${outcomes.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
