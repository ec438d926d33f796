import type { DeliveryState, LedgerEntry } from '../../domain/events/ledger-entry.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import { isSet, textOf } from './command-input.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'

const PAGE = 100
const FIRST_LOOK = 10

/** The next changes of the ledger, one on a line; the first look shows the last ten. */
export const readEvents = async (
  { ledger }: Pick<OwnerCommandNeeds, 'ledger'>,
  input: unknown,
): Promise<CommandOutcome> => {
  const user = textOf(input, 'userId')
  const userId = user === null ? null : parseUserId(user)
  if (userId !== user) return refused('The user is not the id of a user.')
  const after = isSet(input, 'isFirst') ? await beginning(ledger, userId) : textOf(input, 'after')
  const page = await ledger.read({ after, userId, limit: PAGE })
  if (page === null) return refused('The running service is of another version.')
  return {
    exitCode: EXIT.ok,
    lines: page.entries.map(lineOf),
    next: { after: page.next, isMore: page.entries.length === PAGE },
  }
}

const beginning = (ledger: OwnerCommandNeeds['ledger'], userId: UserId | null) =>
  ledger.beforeLast(FIRST_LOOK, userId)

const refused = (line: string): CommandOutcome => ({ exitCode: EXIT.failed, lines: [line] })

/** Ids, never a name or an address: lines like these end up in tickets. */
const lineOf = ({ event, deliveries }: LedgerEntry): string =>
  [
    event.occurredAt.toISOString(),
    event.action,
    `${event.userId} v${event.version}`,
    `event ${event.eventId}`,
    ...(event.changed.length === 0 ? [] : [event.changed.join(',')]),
    ...deliveries.map(wayOf),
  ].join('  ')

const wayOf = ({ channel, state, streamSequence }: DeliveryState): string =>
  `${channel} ${state}${streamSequence === null ? '' : ` at ${streamSequence}`}`
