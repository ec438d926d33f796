import type { Command } from '@commander-js/extra-typings'
import { EXIT, SIGNAL_EXIT } from '../../../domain/operations/exit-codes.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type {
  CountEvents,
  CountSnapshot,
  PagingRefusal,
  Progress,
  RecipientRefusal,
  SendEvents,
  SendSnapshot,
  SpanRefusal,
} from '../../../ports/driving/events/direct-events.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli, OwnerCommand, ServiceCommands } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { isSet, textOf } from '../shared/command-input.ts'
import { countOf, done, refused } from '../shared/outcomes.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type SendOptions = {
  readonly schema?: string | undefined
  readonly after?: string | undefined
  readonly rate?: string | undefined
  readonly dryRun?: true | undefined
}

/** The options of a command that sends to one consumer, as the service takes them. */
export const sendRequest = ({ schema, after, rate, dryRun }: SendOptions) => ({
  schemaVersion: schema ?? null,
  after: after ?? null,
  rate: rate ?? null,
  dryRun: dryRun === true,
})

export const schemaOption = (command: Pick<Command, 'createOption'>) =>
  command
    .createOption('--schema <version>', 'version of the events; without it, the newest one')
    .choices(['1', '2'] as const)

const REPORT_EVERY = 10_000

type PartsNeeds = Pick<Cli, 'ask' | 'withService' | 'untilStopped' | 'show'>
type PartsRequest = { readonly consumer: string } & ReturnType<typeof sendRequest>

/**
 * Sends part after part, so that no single command takes long. When it is stopped, or a part fails, it says where to
 * continue.
 */
export const sendInParts = async (
  cli: PartsNeeds,
  part: OwnerCommand<never>,
  request: PartsRequest,
): Promise<CommandOutcome> =>
  request.dryRun
    ? cli.ask(part, request)
    : cli.untilStopped((stopping) =>
        cli.withService((commands) =>
          sendParts({ commands, show: cli.show, stopping }, part, request),
        ),
      )

const sendParts = async (
  {
    commands,
    show,
    stopping,
  }: Pick<Cli, 'show'> & { readonly commands: ServiceCommands; readonly stopping: AbortSignal },
  name: OwnerCommand<never>,
  request: PartsRequest,
): Promise<CommandOutcome> => {
  let { after } = request
  let sent = 0
  const state = () => ({ consumer: request.consumer, sent, after })
  for (let isFirst = true; ; isFirst = false) {
    if (stopping.aborted)
      return {
        exitCode: SIGNAL_EXIT.SIGINT,
        lines: [`Stopped after ${sent}.`, ...continuation(after)],
        documents: [{ ...state(), isStopped: true }],
      }
    const part = await commands.run(name, { ...request, after, isFirst })
    if (part.exitCode !== EXIT.ok && !isFirst)
      return {
        ...part,
        lines: [...part.lines, `${sent} were sent before.`, ...continuation(after)],
        documents: [{ ...state(), messages: part.lines }],
      }
    if (part.exitCode !== EXIT.ok || part.next === undefined) return part
    const before = sent
    sent += part.next.sent ?? 0
    ;({ after } = part.next)
    if (!part.next.isMore)
      return done(state(), `Sent ${sent} to ${request.consumer}, and to nobody else.`)
    if (Math.floor(sent / REPORT_EVERY) > Math.floor(before / REPORT_EVERY))
      show({ lines: [`${sent} so far.`, ...continuation(after)], documents: [state()] })
  }
}

const continuation = (after: string | null): readonly string[] =>
  after === null ? [] : [`To continue from here: --after ${after}`]

type SnapshotNeeds = BrokerNeeds & {
  readonly sendSnapshot: SendSnapshot
  readonly countSnapshot: CountSnapshot
}

/** Sends one consumer the next part of a snapshot, or only counts. */
export const sendSnapshot: OwnerCommand<SnapshotNeeds> = {
  name: 'events-snapshot',
  isFrequent: true,
  run: (needs, input) =>
    withBroker(needs, async () => {
      if (!isSet(input, 'dryRun'))
        return progress(await needs.sendSnapshot({ ...recipient(input), ...paging(input) }))
      const counted = await needs.countSnapshot(recipient(input))
      return counted.ok ? wouldSend(counted.value.users, 'user') : unsent(counted.refusal)
    }),
}

export const eventsSnapshot = defineCommand({
  words: 'events snapshot',
  summary: 'send one consumer all users as they are now',
  description: 'Changes continue meanwhile, and the consumer keeps whatever is newer.',
  examples: ['events snapshot --to backend --dry-run', 'events snapshot --to backend --rate 500'],
  parts: [sendSnapshot],
  declare: (command, cli) =>
    command
      .requiredOption('--to <consumer>', 'consumer to send to')
      .option('--dry-run', 'only count the users')
      .addOption(schemaOption(command))
      .option('--after <place>', 'continue an earlier run at the place that it printed')
      .option('--rate <number>', 'the most events per second; 1000 unless given')
      .action(
        cli.runs(({ to, ...options }) =>
          sendInParts(cli, sendSnapshot, { consumer: to, ...sendRequest(options) }),
        ),
      ),
})

type EventsNeeds = BrokerNeeds & {
  readonly sendEvents: SendEvents
  readonly countEvents: CountEvents
}

/** Sends one consumer the next part of a replay, or only counts. */
export const sendEvents: OwnerCommand<EventsNeeds> = {
  name: 'events-send',
  isFrequent: true,
  run: (needs, input) =>
    withBroker(needs, async () => {
      const request = { ...recipient(input), ...span(input) }
      if (!isSet(input, 'dryRun'))
        return progress(await needs.sendEvents({ ...request, ...paging(input) }))
      const counted = await needs.countEvents(request)
      return counted.ok ? wouldSend(counted.value.events, 'event') : unsent(counted.refusal)
    }),
}

const recipient = (input: unknown) => ({
  consumer: textOf(input, 'consumer') ?? '',
  schemaVersion: textOf(input, 'schemaVersion'),
})

const paging = (input: unknown) => ({
  after: textOf(input, 'after'),
  rate: textOf(input, 'rate'),
  isFirst: isSet(input, 'isFirst'),
})

const span = (input: unknown) => ({
  userId: textOf(input, 'userId'),
  from: textOf(input, 'from'),
  to: textOf(input, 'to'),
})

type Refusal = RecipientRefusal | PagingRefusal | SpanRefusal

const progress = (part: Result<Progress, Refusal>): CommandOutcome => {
  if (!part.ok) return unsent(part.refusal)
  const { next, sent } = part.value
  return { exitCode: EXIT.ok, lines: [], next: { after: next, isMore: next !== null, sent } }
}

const wouldSend = (count: number, what: string): CommandOutcome =>
  done({ wouldSend: count }, `${countOf(count, what)} would be sent. Nothing was changed.`)

const REASONS = {
  'invalid-consumer': 'The name of a consumer must have 1 to 64 letters, digits, - and _.',
  'invalid-schema-version': 'The version of the events (--schema) must be 1 or 2.',
  'unknown-consumer':
    'There is no durable consumer of that name. Correct the name, or add --schema 1 or --schema 2 to send anyway.',
  'invalid-place': 'The place to continue from (--after) is not one that an earlier run printed.',
  'invalid-rate': 'The rate (--rate) must be a whole number from 1 to 20000.',
  'invalid-user-id': 'The user (--user) is not a user id.',
  'invalid-from': 'The start (--from) is not an instant like 2026-11-24T00:00:00Z.',
  'invalid-to': 'The end (--until) is not an instant like 2026-11-24T00:00:00Z.',
  'empty-span': 'The end (--until) is not after the start (--from).',
} as const satisfies Record<Refusal['kind'], string>

const unsent = ({ kind }: Refusal): CommandOutcome => refused(`${REASONS[kind]} Nothing was sent.`)
