import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { DiscardEvents, DiscardRefusal } from '../../../ports/driving/events/events.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { textOf } from '../shared/command-input.ts'

/** Discards parked deliveries for good. */
export const discardEvents = async (
  { discardEvents }: { readonly discardEvents: DiscardEvents },
  input: unknown,
): Promise<CommandOutcome> => {
  const ended = await discardEvents({
    channel: textOf(input, 'channel'),
    userId: textOf(input, 'userId'),
    eventId: textOf(input, 'eventId'),
    reason: textOf(input, 'reason') ?? '',
  })
  return ended.ok
    ? { exitCode: EXIT.ok, lines: [discardedLine(ended.value.discarded)] }
    : { exitCode: EXIT.failed, lines: [`${REASONS[ended.refusal.kind]} Nothing was changed.`] }
}

const discardedLine = (discarded: number): string =>
  discarded === 0
    ? 'No parked delivery matches. Nothing was changed.'
    : `Discarded ${discarded === 1 ? '1 parked delivery' : `${discarded} parked deliveries`}.`

const REASONS = {
  'nothing-selected': 'Name what to discard: --channel, --user or --event.',
  'unknown-channel': 'The channel (--channel) does not exist.',
  'invalid-user-id': 'The user (--user) is not a user id.',
  'invalid-event-id': 'The event (--event) is not an event id.',
  'no-reason': 'A reason of 1 to 500 visible characters is needed.',
} as const satisfies Record<DiscardRefusal['kind'], string>
