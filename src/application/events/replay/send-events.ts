import { ok } from '../../../domain/shared/result.ts'
import type { EventSelection, Replays } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { CountEvents, SendEvents } from '../../../ports/driving/events/direct-events.ts'
import { makeReadEventSpan } from './read-event-span.ts'
import { readPace, readReplayPlace, writeReplayPlace } from './read-walk.ts'
import type { AddressConsumer } from './resolve-recipient.ts'
import type { SendToConsumer } from './send-to-consumer.ts'

type Needs = {
  readonly replays: Pick<Replays, 'events' | 'countEvents'>
  readonly addressConsumer: AddressConsumer
  readonly sendToConsumer: SendToConsumer
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly log: Log
  readonly clock: Clock
}

/** See `SendEvents`. */
export const makeSendEvents = (needs: Needs): SendEvents => {
  const { replays, addressConsumer, sendToConsumer, stores, identifiers, log, clock } = needs
  const readSpan = makeReadEventSpan(needs)
  return async (request) => {
    const span = readSpan(request)
    if (!span.ok) return span
    const pace = readPace(request)
    if (!pace.ok) return pace
    const after = readReplayPlace(request)
    if (!after.ok) return after
    const addressed = await addressConsumer(request)
    if (!addressed.ok) return addressed
    const { consumer } = addressed.value
    const replayId = identifiers.replayId()
    if (request.isFirst)
      await stores.audit.append({
        ...{ action: 'events.replayed', result: 'ok', actorId: null },
        ...{ subjectId: span.value.userId, addressPrefix: null, at: clock() },
        details: `to ${consumer} ${describe(span.value)}`,
      })
    const { atOnce, perSecond } = pace.value
    const events = await replays.events(span.value, after.value, atOnce)
    await sendToConsumer(addressed.value, events, replayId, perSecond)
    log('info', 'events.sent', { consumer, replayId, sent: events.length, kind: 'replay' })
    const last = events.at(-1)
    const isLast = last === undefined || events.length < atOnce
    return ok({ sent: events.length, next: isLast ? null : writeReplayPlace(last) })
  }
}

/** See `CountEvents`. */
export const makeCountEvents = ({
  replays,
  addressConsumer,
  clock,
}: Pick<Needs, 'replays' | 'addressConsumer' | 'clock'>): CountEvents => {
  const readSpan = makeReadEventSpan({ clock })
  return async (request) => {
    const span = readSpan(request)
    if (!span.ok) return span
    const addressed = await addressConsumer(request)
    return addressed.ok ? ok({ events: await replays.countEvents(span.value) }) : addressed
  }
}

const describe = ({ from, until }: EventSelection): string =>
  `from ${from.toISOString()} to ${until?.toISOString() ?? 'now'}`
