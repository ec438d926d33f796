import type { CommandOutcome } from '../../ports/driving/owner-commands.ts'
import type { Compose } from '../composition.ts'
import { examine } from '../doctor/examine.ts'
import { EXIT } from '../exit-codes.ts'
import { askPassword } from './ask-password.ts'
import type { Order } from './command-line.ts'
import { readCommandLine, USAGE } from './command-line.ts'
import { printChangedKeys, printNewKeys } from './print-keys.ts'
import { runWhereDataIs } from './reach-service.ts'

/** Does what the words of the command line ask for. */
export const runCommandLine = async (
  words: readonly string[],
  compose: Compose,
): Promise<CommandOutcome> => {
  const order = readCommandLine(words)
  return order.ok
    ? carryOut(order.value, compose)
    : { exitCode: EXIT.usage, lines: [order.refusal, '', ...USAGE] }
}

const carryOut = async (order: Order, compose: Compose): Promise<CommandOutcome> => {
  switch (order.kind) {
    case 'help':
      return { exitCode: EXIT.ok, lines: USAGE }
    case 'keys-generate':
      return printNewKeys()
    case 'doctor':
      return examine(compose)
    case 'admin-create':
      return createAdmin(order.email, order.username, compose)
    case 'plain':
      return (
        (order.name === 'migrate' ? null : printChangedKeys(order.name)) ??
        runWhereDataIs(compose, order.name, {})
      )
  }
}

const createAdmin = async (
  email: string,
  username: string,
  compose: Compose,
): Promise<CommandOutcome> => {
  const password = await askPassword()
  if (password.trim() === '')
    return { exitCode: EXIT.failed, lines: ['The password is empty. Nothing was changed.'] }
  return runWhereDataIs(compose, 'admin-create', { email, username, password })
}
