import process from 'node:process'
import { runCommandLine } from '../adapters/cli/run-command-line.ts'
import { EXIT } from '../domain/operations/exit-codes.ts'
import { faultLine } from '../domain/shared/fault-line.ts'
import { composeCommandLine } from './compose/commands/command-line.ts'
import { compose } from './compose.ts'
import { printError, printOut } from './lifecycle/print.ts'

try {
  const needs = composeCommandLine(compose, { printOut, printError })
  process.exit(await runCommandLine(process.argv.slice(2), needs))
} catch (fault) {
  printError(`The command failed: ${faultLine(fault)}`)
  process.exit(EXIT.fault)
}
