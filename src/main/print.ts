import process from 'node:process'

export const printOut = (...lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

export const printError = (...lines: readonly string[]): void => {
  process.stderr.write(`${lines.join('\n')}\n`)
}

/** A fault on one line: its message and those of its causes. */
export const describeFault = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault)
  const cause = fault.cause === undefined ? '' : `: ${describeFault(fault.cause)}`
  return `${fault.message}${cause}`.replaceAll(/\s*\n\s*/g, ' ')
}
