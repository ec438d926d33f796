import type { Result } from '../../domain/shared/result.ts'
import type {
  PagingRefusal,
  Progress,
  RecipientRefusal,
  SpanRefusal,
} from '../../ports/driving/events/direct-events.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import { isSet, textOf } from './command-input.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'
import type { Broker } from './patiently.ts'
import { patiently } from './patiently.ts'

type Needs = Pick<
  OwnerCommandNeeds,
  'sendSnapshot' | 'countSnapshot' | 'sendEvents' | 'countEvents'
> &
  Broker

/** Sends one consumer the next part of a snapshot, or only counts. */
export const sendSnapshot = (needs: Needs, input: unknown): Promise<CommandOutcome> =>
  patiently(needs, async () => {
    if (!isSet(input, 'dryRun'))
      return progressed(await needs.sendSnapshot({ ...addressee(input), ...walk(input) }))
    const counted = await needs.countSnapshot(addressee(input))
    return counted.ok ? wouldSend(counted.value.users, 'user') : refused(counted.refusal)
  })

/** Sends one consumer the next part of a replay, or only counts. */
export const sendEvents = (needs: Needs, input: unknown): Promise<CommandOutcome> =>
  patiently(needs, async () => {
    const request = { ...addressee(input), ...span(input) }
    if (!isSet(input, 'dryRun'))
      return progressed(await needs.sendEvents({ ...request, ...walk(input) }))
    const counted = await needs.countEvents(request)
    return counted.ok ? wouldSend(counted.value.events, 'event') : refused(counted.refusal)
  })

const addressee = (input: unknown) => ({
  consumer: textOf(input, 'consumer') ?? '',
  schemaVersion: textOf(input, 'schemaVersion'),
})

const walk = (input: unknown) => ({
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

const progressed = (part: Result<Progress, Refusal>): CommandOutcome =>
  part.ok
    ? {
        ...{ exitCode: EXIT.ok, lines: [] },
        next: { after: part.value.next, isMore: part.value.next !== null, sent: part.value.sent },
      }
    : refused(part.refusal)

const wouldSend = (count: number, what: string): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines: [`${count} ${count === 1 ? what : `${what}s`} would be sent. Nothing was changed.`],
})

const REASONS = {
  'invalid-consumer': 'A consumer is named by 1 to 64 letters, digits, - and _.',
  'invalid-schema-version': 'The version of the events is 1 or 2.',
  'unknown-consumer':
    'There is no durable consumer of that name: correct it, or add --schema 1 or --schema 2 to send all the same.',
  'invalid-place': 'The place to go on from is not one that an earlier run has told.',
  'invalid-rate': 'The rate is a whole number from 1 to 20000.',
  'invalid-user-id': 'The user is not the id of a user.',
  'invalid-from': 'The beginning is not an instant like 2026-11-24T00:00:00Z.',
  'invalid-to': 'The end is not an instant like 2026-11-24T00:00:00Z.',
  'empty-span': 'The end does not lie after the beginning.',
} as const satisfies Record<Refusal['kind'], string>

const refused = ({ kind }: Refusal): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines: [`${REASONS[kind]} Nothing was sent.`],
})
