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
import { isSet, textOf } from '../shared/command-input.ts'
import type { Print, ServiceCommands } from '../shared/service-commands.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type PartsNeeds = {
  readonly commands: ServiceCommands
  readonly print: Print
  readonly stopping: AbortSignal
}

const REPORT_EVERY = 10_000

/**
 * Sends part after part, so that no single command takes long. When it is stopped, or a part fails, it says where to
 * continue.
 */
export const sendInParts = async (
  { commands, print, stopping }: PartsNeeds,
  name: 'events-snapshot' | 'events-send',
  request: { readonly consumer: string; readonly after: string | null },
): Promise<CommandOutcome> => {
  let { after } = request
  let sent = 0
  for (let isFirst = true; ; isFirst = false) {
    if (stopping.aborted)
      return {
        exitCode: SIGNAL_EXIT.SIGINT,
        lines: [`Stopped after ${sent}.`, ...continuation(after)],
      }
    const part = await commands.run(name, { ...request, after, isFirst })
    if (part.exitCode !== EXIT.ok && !isFirst)
      return {
        ...part,
        lines: [...part.lines, `${sent} were sent before.`, ...continuation(after)],
      }
    if (part.exitCode !== EXIT.ok || part.next === undefined) return part
    const before = sent
    sent += part.next.sent ?? 0
    ;({ after } = part.next)
    if (!part.next.isMore)
      return {
        exitCode: EXIT.ok,
        lines: [`Sent ${sent} to ${request.consumer}, and to nobody else.`],
      }
    if (Math.floor(sent / REPORT_EVERY) > Math.floor(before / REPORT_EVERY))
      print(`${sent} so far.`, ...continuation(after))
  }
}

const continuation = (after: string | null): readonly string[] =>
  after === null ? [] : [`To continue from here: --after ${after}`]

type SnapshotNeeds = BrokerNeeds & {
  readonly sendSnapshot: SendSnapshot
  readonly countSnapshot: CountSnapshot
}

/** Sends one consumer the next part of a snapshot, or only counts. */
export const sendSnapshot = (needs: SnapshotNeeds, input: unknown): Promise<CommandOutcome> =>
  withBroker(needs, async () => {
    if (!isSet(input, 'dryRun'))
      return progress(await needs.sendSnapshot({ ...recipient(input), ...paging(input) }))
    const counted = await needs.countSnapshot(recipient(input))
    return counted.ok ? wouldSend(counted.value.users, 'user') : refused(counted.refusal)
  })

type EventsNeeds = BrokerNeeds & {
  readonly sendEvents: SendEvents
  readonly countEvents: CountEvents
}

/** Sends one consumer the next part of a replay, or only counts. */
export const sendEvents = (needs: EventsNeeds, input: unknown): Promise<CommandOutcome> =>
  withBroker(needs, async () => {
    const request = { ...recipient(input), ...span(input) }
    if (!isSet(input, 'dryRun'))
      return progress(await needs.sendEvents({ ...request, ...paging(input) }))
    const counted = await needs.countEvents(request)
    return counted.ok ? wouldSend(counted.value.events, 'event') : refused(counted.refusal)
  })

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
  if (!part.ok) return refused(part.refusal)
  const { next, sent } = part.value
  return { exitCode: EXIT.ok, lines: [], next: { after: next, isMore: next !== null, sent } }
}

const wouldSend = (count: number, what: string): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines: [`${count} ${count === 1 ? what : `${what}s`} would be sent. Nothing was changed.`],
})

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

const refused = ({ kind }: Refusal): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines: [`${REASONS[kind]} Nothing was sent.`],
})
