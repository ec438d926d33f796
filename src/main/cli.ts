import process from 'node:process'
import { runCommandLine } from './commands/run-command-line.ts'
import { compose } from './compose.ts'
import { EXIT } from './exit-codes.ts'
import { describeFault, printError, printOut } from './print.ts'

try {
  const { exitCode, lines } = await runCommandLine(process.argv.slice(2), compose)
  if (lines.length > 0) (exitCode === EXIT.ok ? printOut : printError)(...lines)
  process.exit(exitCode)
} catch (fault) {
  printError(`The command failed: ${describeFault(fault)}`)
  process.exit(EXIT.fault)
}
