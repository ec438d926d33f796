import type {
  CountReplay,
  ReplayEvents,
  ReplayRefusal,
} from '../../../ports/driving/events/events.ts'
import type { OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { isSet, textOf } from '../shared/command-input.ts'
import { countOf, done, refused, wronglyUsed } from '../shared/outcomes.ts'
import { schemaOption, sendEvents, sendInParts, sendRequest } from './send-events.ts'

type Needs = { readonly replayEvents: ReplayEvents; readonly countReplay: CountReplay }

/** Makes the relay deliver events of the ledger again, or only counts them. */
export const replayEvents: OwnerCommand<Needs> = {
  name: 'events-replay',
  run: async ({ replayEvents, countReplay }, input) => {
    const request = {
      channel: textOf(input, 'channel') ?? '',
      userId: textOf(input, 'userId'),
      from: textOf(input, 'from'),
      to: textOf(input, 'to'),
    }
    if (isSet(input, 'dryRun')) {
      const counted = await countReplay(request)
      if (!counted.ok) return refused(sentence(counted.refusal))
      const count = countOf(counted.value.replayable, 'event')
      return done(counted.value, `${count} would be delivered again. Nothing was changed.`)
    }
    const replay = await replayEvents(request, null)
    if (!replay.ok) return refused(sentence(replay.refusal))
    const count = countOf(replay.value.replayed, 'event')
    return done(replay.value, `${count} will be delivered again on ${request.channel}.`)
  },
}

export const eventsReplay = defineCommand({
  words: 'events replay',
  summary: 'deliver changes of the last 14 days again',
  description:
    'With --channel, the relay delivers them to everybody who follows that channel. With --to, one consumer receives them, and nobody else.',
  examples: [
    'events replay --channel nats:user.events --dry-run',
    'events replay --channel nats:user.events --from 2026-11-24T00:00:00Z',
    'events replay --to backend --schema 2 --rate 500',
  ],
  parts: [replayEvents, sendEvents],
  declare: (command, cli) =>
    command
      .addOption(
        command
          .createOption('--channel <channel>', 'channel to deliver on, like nats:user.events')
          .conflicts(['to', 'schema', 'after', 'rate']),
      )
      .option('--to <consumer>', 'consumer to send to')
      .option('--user <id>', 'only changes of this user')
      .option('--from <instant>', 'only changes since then, like 2026-11-24T00:00:00Z')
      .option('--until <instant>', 'only changes before then')
      .option('--dry-run', 'only count the changes')
      .addOption(schemaOption(command))
      .option('--after <place>', 'continue an earlier run at the place that it printed')
      .option('--rate <number>', 'the most events per second; 1000 unless given')
      .action(
        cli.runs(async ({ channel, to, user = null, from = null, until = null, ...options }) => {
          const span = { userId: user, from, to: until }
          if (to !== undefined)
            return sendInParts(cli, sendEvents, { consumer: to, ...span, ...sendRequest(options) })
          return channel === undefined
            ? wronglyUsed('auth events replay: --channel or --to is needed')
            : cli.ask(replayEvents, { channel, ...span, dryRun: options.dryRun === true })
        }),
      ),
})

const REASONS = {
  'unknown-channel': 'This installation does not deliver events on that channel (--channel).',
  'invalid-user-id': 'The user (--user) is not a user id.',
  'invalid-from': 'The start (--from) is not an instant like 2026-11-24T00:00:00Z.',
  'invalid-to': 'The end (--until) is not an instant like 2026-11-24T00:00:00Z.',
  'empty-span': 'The end (--until) is not after the start (--from).',
} as const satisfies Record<ReplayRefusal['kind'], string>

const sentence = ({ kind }: ReplayRefusal): string => `${REASONS[kind]} Nothing was changed.`
