import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'

export type Broker = Pick<OwnerCommandNeeds, 'isBrokerReachable' | 'pause'>

const TRIES = 50
const BETWEEN_TRIES_MILLISECONDS = 200

/** Runs a command that needs the broker; a connection that was just opened may take a moment. */
export const patiently = async (
  { isBrokerReachable, pause }: Broker,
  command: () => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  const never = new AbortController().signal
  for (let tries = 1; tries < TRIES && !isBrokerReachable(); tries += 1)
    await pause(BETWEEN_TRIES_MILLISECONDS, never)
  try {
    return await command()
  } catch (fault) {
    if (fault instanceof Unavailable) return unavailable(fault)
    throw fault
  }
}

const unavailable = ({ message }: Unavailable): CommandOutcome => ({
  exitCode: EXIT.unavailable,
  lines: [`This cannot be done now: ${message}. Repeating it is safe.`],
})
