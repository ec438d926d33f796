import type { DiscardEvents, DiscardRefusal } from '../../../ports/driving/events/events.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { textOf } from '../shared/command-input.ts'
import { done, refused } from '../shared/outcomes.ts'

/** Discards parked deliveries for good. */
export const discardEvents: OwnerCommand<{ readonly discardEvents: DiscardEvents }> = {
  name: 'events-discard',
  run: async ({ discardEvents }, input) => {
    const ended = await discardEvents({
      channel: textOf(input, 'channel'),
      userId: textOf(input, 'userId'),
      eventId: textOf(input, 'eventId'),
      reason: textOf(input, 'reason') ?? '',
    })
    return ended.ok
      ? done(ended.value, discardedLine(ended.value.discarded))
      : refused(`${REASONS[ended.refusal.kind]} Nothing was changed.`)
  },
}

export const eventsDiscard = defineCommand({
  words: 'events discard',
  summary: 'discard parked deliveries for good',
  description:
    'The reason is asked for, or is the first line of standard input. The ledger keeps the events.',
  examples: ['events discard --channel http:backend', 'events discard --user 0199b2f4-…'],
  parts: [discardEvents],
  declare: (command, cli) =>
    command
      .option('--channel <channel>', 'those of this channel')
      .option('--user <id>', 'those of this user')
      .option('--event <id>', 'those of this event')
      .action(
        cli.runs(async ({ channel = null, user = null, event = null }) =>
          cli.ask(discardEvents, {
            channel,
            userId: user,
            eventId: event,
            reason: await cli.askReason(),
          }),
        ),
      ),
})

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
