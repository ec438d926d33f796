import type { DeliveryState, LedgerEntry } from '../../../domain/events/ledger-entry.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { parseUserId } from '../../../domain/shared/ids.ts'
import type { Ledger } from '../../../ports/driven/events/ledger.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { isSet, textOf } from '../shared/command-input.ts'
import type { Print, ServiceCommands } from '../shared/service-commands.ts'

type TailNeeds = {
  readonly commands: ServiceCommands
  readonly print: Print
  readonly pause: Pause
  readonly stopping: AbortSignal
}

const BETWEEN_READS_MILLISECONDS = 1000

/**
 * Prints each change as it is written to the ledger, until it is stopped. When no service runs on the data, it prints
 * what the ledger has, and ends.
 */
export const tailEvents = async (
  { commands, print, pause, stopping }: TailNeeds,
  userId: string | null,
): Promise<CommandOutcome> => {
  let place: { readonly after: string | null; readonly isFirst: boolean } = {
    after: null,
    isFirst: true,
  }
  while (!stopping.aborted) {
    const outcome = await commands.run('events-read', { userId, ...place })
    if (outcome.exitCode !== EXIT.ok || outcome.next === undefined) return outcome
    if (outcome.lines.length > 0) print(...outcome.lines)
    const { after, isMore } = outcome.next
    place = { after, isFirst: false }
    if (!isMore && !commands.isShared) return nothingToWaitFor
    if (!isMore) await pause(BETWEEN_READS_MILLISECONDS, stopping)
  }
  return { exitCode: EXIT.ok, lines: [] }
}

const nothingToWaitFor: CommandOutcome = {
  exitCode: EXIT.ok,
  lines: ['No service is running on this data: there is nothing to wait for.'],
}

const PAGE = 100
const FIRST_READ = 10

/** The next changes of the ledger, one on a line; the first read shows the last ten. */
export const readEvents = async (
  { ledger }: { readonly ledger: Ledger },
  input: unknown,
): Promise<CommandOutcome> => {
  const user = textOf(input, 'userId')
  const userId = user === null ? null : parseUserId(user)
  if (userId !== user) return refused('The user (--user) is not a user id.')
  const after = isSet(input, 'isFirst') ? await firstPlace(ledger, userId) : textOf(input, 'after')
  const page = await ledger.read({ after, userId, limit: PAGE })
  if (page === null)
    return refused(
      'The running service has another version than this command. Use the command of its version.',
    )
  return {
    exitCode: EXIT.ok,
    lines: page.entries.map(entryLine),
    next: { after: page.next, isMore: page.entries.length === PAGE },
  }
}

const firstPlace = (ledger: Ledger, userId: UserId | null) => ledger.beforeLast(FIRST_READ, userId)

const refused = (line: string): CommandOutcome => ({ exitCode: EXIT.failed, lines: [line] })

/** The line contains ids, and never a name or an email address, because people copy such lines into tickets. */
const entryLine = ({ event, deliveries }: LedgerEntry): string =>
  [
    event.occurredAt.toISOString(),
    event.action,
    `${event.userId} v${event.version}`,
    `event ${event.eventId}`,
    ...(event.changed.length === 0 ? [] : [event.changed.join(',')]),
    ...deliveries.map(deliveryText),
  ].join('  ')

const deliveryText = ({ channel, state, streamSequence }: DeliveryState): string =>
  `${channel} ${state}${streamSequence === null ? '' : ` at ${streamSequence}`}`
