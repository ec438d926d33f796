import process from 'node:process'

/** Whether a person reads standard output at a terminal. Else a program or a file gets it. */
export const isTerminal = (): boolean => process.stdout.isTTY === true

export const printOut = (...lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

export const printError = (...lines: readonly string[]): void => {
  process.stderr.write(`${lines.join('\n')}\n`)
}
