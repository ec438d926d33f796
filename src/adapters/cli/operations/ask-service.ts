import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { shownHost } from '../../../domain/shared/server-address.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'

/** The management port of a running service, and the token that it requires. */
type Service = { readonly host: string; readonly port: number; readonly token: string }

/** A replay of the whole ledger may take minutes. */
const LONGEST_COMMAND_MILLISECONDS = 600_000

/** Gives a command to a running service, over its management port. */
export const askService = async (
  { host, port, token }: Service,
  name: string,
  input: object,
): Promise<CommandOutcome> => {
  const address = `http://${shownHost(host, port)}`
  try {
    const response = await fetch(`${address}/commands/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
    })
    if (response.status === 404) return unknownCommand
    const outcome: unknown = await response.json()
    return isOutcome(outcome) ? outcome : unavailable(`answered ${response.status} at ${address}`)
  } catch {
    return unavailable(`does not answer at ${address}`)
  }
}

export const unknownCommand: CommandOutcome = {
  exitCode: EXIT.usage,
  lines: [
    'The running service does not know this command, because it has another version. Use the command of its version.',
  ],
}

const unavailable = (what: string): CommandOutcome => ({
  exitCode: EXIT.unavailable,
  lines: [`The running service ${what}. Look at its log, or stop it and try again.`],
})

const isOutcome = (value: unknown): value is CommandOutcome =>
  typeof value === 'object' &&
  value !== null &&
  'exitCode' in value &&
  typeof value.exitCode === 'number' &&
  'lines' in value &&
  Array.isArray(value.lines)
