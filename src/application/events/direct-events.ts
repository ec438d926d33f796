import type { ConsumerName } from '../../domain/events/consumer-name.ts'
import { parseConsumerName } from '../../domain/events/consumer-name.ts'
import type { UserEvent, UserEventSubject } from '../../domain/events/user-event.ts'
import { groupByUser, NEWEST_SUBJECT } from '../../domain/events/user-event.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { AuditEntry } from '../../ports/driven/audit/audit-trail.ts'
import type { EventConsumers } from '../../ports/driven/events/event-consumers.ts'
import type { UserEventCodec } from '../../ports/driven/events/event-publisher.ts'
import type { EventSelection, ReplayPlace, Replays } from '../../ports/driven/events/replays.ts'
import type { UserSnapshots } from '../../ports/driven/events/user-snapshots.ts'
import type { Clock, Monotonic, Pause } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  CountEvents,
  CountSnapshot,
  Paging,
  PagingRefusal,
  Progress,
  Recipient,
  RecipientRefusal,
  SendEvents,
  SendSnapshot,
} from '../../ports/driving/events/direct-events.ts'
import { operatorEntry } from '../audit/audit-entries.ts'
import type { PublishToConsumer } from './publish-to-consumer.ts'
import { readEventSpan } from './read-event-span.ts'

type Needs = {
  readonly snapshots: UserSnapshots
  readonly replays: Pick<Replays, 'events' | 'countEvents'>
  readonly eventConsumers: Pick<EventConsumers, 'exists'>
  readonly codec: UserEventCodec
  readonly publishToConsumer: PublishToConsumer
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
  readonly pause: Pause
}

export type DirectEvents = {
  readonly sendSnapshot: SendSnapshot
  readonly countSnapshot: CountSnapshot
  readonly sendEvents: SendEvents
  readonly countEvents: CountEvents
}

/** A consumer, and the subject whose version of the contract its messages are written in. */
type ResolvedRecipient = { readonly consumer: ConsumerName; readonly subject: UserEventSubject }

/** Where the events to send come from. */
type Source<Place> = {
  readonly kind: 'snapshot' | 'replay'
  /** Null for text that `writePlace` has not written. */
  readPlace(text: string): Place | null
  writePlace(event: UserEvent): string
  page(after: Place | null, limit: number): Promise<readonly UserEvent[]>
  auditEntry(recipient: ResolvedRecipient, after: Place | null): AuditEntry
}

/** Sends one consumer a snapshot of all users, or events of the ledger once more. No other consumer receives them. */
export const makeDirectEvents = (needs: Needs): DirectEvents => {
  const { snapshots, replays, eventConsumers, stores, identifiers, log, clock } = needs
  const publishAll = makePublishAll(needs)

  /** The given schema version, else the newest one, provided that there is such a consumer. */
  const resolveRecipient = async ({
    consumer: name,
    schemaVersion,
  }: Recipient): Promise<Result<ResolvedRecipient, RecipientRefusal>> => {
    const consumer = parseConsumerName(name)
    if (consumer === null) return fail({ kind: 'invalid-consumer' })
    if (schemaVersion !== null) {
      const subject = SUBJECT_OF_VERSION.get(schemaVersion)
      return subject === undefined
        ? fail({ kind: 'invalid-schema-version' })
        : ok({ consumer, subject })
    }
    return (await eventConsumers.exists(consumer))
      ? ok({ consumer, subject: NEWEST_SUBJECT })
      : fail({ kind: 'unknown-consumer' })
  }

  const send = async <Place>(
    request: Recipient & Paging,
    source: Source<Place>,
  ): Promise<Result<Progress, RecipientRefusal | PagingRefusal>> => {
    const perSecond = readRate(request.rate)
    if (perSecond === null) return fail({ kind: 'invalid-rate' })
    const after = request.after === null ? null : source.readPlace(request.after)
    if (request.after !== null && after === null) return fail({ kind: 'invalid-place' })
    const resolved = await resolveRecipient(request)
    if (!resolved.ok) return resolved
    const recipient = resolved.value
    const replayId = identifiers.replayId()
    if (request.isFirst) await stores.audit.append(source.auditEntry(recipient, after))
    // A part takes about a second at most, so that the caller can stop between two parts.
    const limit = Math.min(perSecond, MOST_IN_MEMORY)
    const events = await source.page(after, limit)
    await publishAll(recipient, events, replayId, perSecond)
    log('info', 'events.sent', {
      consumer: recipient.consumer,
      replayId,
      sent: events.length,
      kind: source.kind,
    })
    const last = events.at(-1)
    const isLast = last === undefined || events.length < limit
    return ok({ sent: events.length, next: isLast ? null : source.writePlace(last) })
  }

  return {
    // Pages go by user id, so a user who registers meanwhile may be missed. Their own event reaches the consumer.
    sendSnapshot: (request) =>
      send(request, {
        kind: 'snapshot',
        readPlace: parseUserId,
        writePlace: ({ userId }) => userId,
        page: snapshots.page,
        auditEntry: ({ consumer, subject }, after) =>
          operatorEntry('events.snapshot', {
            details: `to ${consumer} as on ${subject}, from ${after ?? 'the beginning'}`,
            at: clock(),
          }),
      }),

    countSnapshot: async (request) => {
      const recipient = await resolveRecipient(request)
      return recipient.ok ? ok({ users: await snapshots.count() }) : recipient
    },

    sendEvents: async (request) => {
      const span = readEventSpan(request, clock())
      if (!span.ok) return span
      return send(request, {
        kind: 'replay',
        readPlace: readReplayPlace,
        writePlace: ({ userId, version }) => `${userId}.${version}`,
        page: (after, limit) => replays.events(span.value, after, limit),
        auditEntry: ({ consumer }) =>
          operatorEntry('events.replayed', {
            subjectId: span.value.userId,
            details: `to ${consumer} ${describe(span.value)}`,
            at: clock(),
          }),
      })
    },

    countEvents: async (request) => {
      const span = readEventSpan(request, clock())
      if (!span.ok) return span
      const recipient = await resolveRecipient(request)
      return recipient.ok ? ok({ events: await replays.countEvents(span.value) }) : recipient
    },
  }
}

const SUBJECT_OF_VERSION: ReadonlyMap<string, UserEventSubject> = new Map([
  ['1', 'user.events'],
  ['2', 'user.events.v2'],
])

const RATE = /^[1-9]\d{0,4}$/
const DEFAULT_RATE = 1000
const HIGHEST_RATE = 20_000
const MOST_IN_MEMORY = 500

/** Events per second; null for text that is no rate from 1 to 20 000. */
const readRate = (rate: string | null): number | null => {
  if (rate === null) return DEFAULT_RATE
  return RATE.test(rate) && Number(rate) <= HIGHEST_RATE ? Number(rate) : null
}

const VERSION = /^[1-9]\d{0,14}$/

const readReplayPlace = (text: string): ReplayPlace | null => {
  const [user = '', version = '', ...rest] = text.split('.')
  const userId = parseUserId(user)
  return userId === null || !VERSION.test(version) || rest.length > 0
    ? null
    : { userId, version: Number(version) }
}

const describe = ({ from, until }: EventSelection): string =>
  `from ${from.toISOString()} to ${until?.toISOString() ?? 'now'}`

/** Users at the same time. Few, so that the broker has time for the relay too. */
const USERS_AT_ONCE = 16

/**
 * Publishes events to one consumer, at most `perSecond` a second. Events of one user must be next to each other in the
 * list; they are published one after the other.
 */
const makePublishAll = ({ codec, publishToConsumer, monotonic, pause }: Needs) => {
  const never = new AbortController().signal
  return async (
    { consumer, subject }: ResolvedRecipient,
    events: readonly UserEvent[],
    replayId: string,
    perSecond: number,
  ): Promise<void> => {
    const startedAt = monotonic()
    const waiting = [...groupByUser(events, ({ userId }) => userId).values()]
    const publishNextUsers = async (): Promise<void> => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
        for (const event of group)
          await publishToConsumer(consumer, codec.encode(event, subject, replayId))
    }
    await Promise.all(Array.from({ length: USERS_AT_ONCE }, publishNextUsers))
    const left = (events.length / perSecond) * 1000 - (monotonic() - startedAt)
    if (left > 0) await pause(left, never)
  }
}
