import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { repeatUntil } from '../../../domain/shared/repeat-until.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'

export type BrokerNeeds = {
  /** Whether there is a connection to the broker now. */
  readonly isBrokerReachable: () => boolean
  readonly pause: Pause
}

/** 50 tries take ten seconds. A connection that was just opened may need some of them. */
export const BROKER_TRIES = 50
const BETWEEN_TRIES_MILLISECONDS = 200

export const betweenTries = (pause: Pause): (() => Promise<void>) => {
  const never = new AbortController().signal
  return () => pause(BETWEEN_TRIES_MILLISECONDS, never)
}

/** Waits up to ten seconds for the broker, then runs the command, even if there is still no connection. */
export const withBroker = async (
  { isBrokerReachable, pause }: BrokerNeeds,
  command: () => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  await repeatUntil(
    isBrokerReachable,
    (isReachable) => isReachable,
    BROKER_TRIES,
    betweenTries(pause),
  )
  try {
    return await command()
  } catch (fault) {
    if (fault instanceof Unavailable) return unavailable(fault)
    throw fault
  }
}

const unavailable = ({ message }: Unavailable): CommandOutcome => ({
  exitCode: EXIT.unavailable,
  lines: [`This cannot be done now: ${message}. It is safe to repeat the command.`],
})
