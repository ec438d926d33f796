import process from 'node:process'

export const printOut = (...lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

export const printError = (...lines: readonly string[]): void => {
  process.stderr.write(`${lines.join('\n')}\n`)
}
