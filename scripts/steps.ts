import { spawn } from 'node:child_process'
import { ROOT } from './repository.ts'

export type StepOutcome = {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

/** Runs a script of package.json, on this Bun, and keeps what it says. */
export const runStep = (name: string, script: string): Promise<StepOutcome> => {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--bun', 'run', '--silent', script], { cwd: ROOT })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ name, passed: code === 0, seconds: (performance.now() - began) / 1000, output }),
    )
  })
}

/** One line for a step that passed; for one that failed, everything it said. */
export const reported = ({ name, passed, seconds, output }: StepOutcome): string => {
  const line = `${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`
  return passed ? line : `${line}\n${output.trimEnd()}\n`
}
