import { ok } from '../../../domain/shared/result.ts'
import type { UserSnapshots } from '../../../ports/driven/events/user-snapshots.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { CountSnapshot, SendSnapshot } from '../../../ports/driving/events/direct-events.ts'
import { readPace, readUserPlace } from './read-walk.ts'
import type { AddressConsumer } from './resolve-recipient.ts'
import type { SendToConsumer } from './send-to-consumer.ts'

type Needs = {
  readonly snapshots: UserSnapshots
  readonly addressConsumer: AddressConsumer
  readonly sendToConsumer: SendToConsumer
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly log: Log
  readonly clock: Clock
}

/** See `SendSnapshot`. Walks by id, so whoever registers meanwhile may or may not be met: their own event tells. */
export const makeSendSnapshot = (needs: Needs): SendSnapshot => {
  const { snapshots, addressConsumer, sendToConsumer, stores, identifiers, log, clock } = needs
  return async (request) => {
    const pace = readPace(request)
    if (!pace.ok) return pace
    const after = readUserPlace(request)
    if (!after.ok) return after
    const addressed = await addressConsumer(request)
    if (!addressed.ok) return addressed
    const { consumer, subject } = addressed.value
    const replayId = identifiers.replayId()
    if (request.isFirst)
      await stores.audit.append({
        ...{ action: 'events.snapshot', result: 'ok', actorId: null, subjectId: null },
        ...{ addressPrefix: null, at: clock() },
        details: `to ${consumer} as on ${subject}, from ${after.value ?? 'the beginning'}`,
      })
    const { atOnce, perSecond } = pace.value
    const events = await snapshots.page(after.value, atOnce)
    await sendToConsumer(addressed.value, events, replayId, perSecond)
    log('info', 'events.sent', { consumer, replayId, sent: events.length, kind: 'snapshot' })
    const isLast = events.length < atOnce
    return ok({ sent: events.length, next: isLast ? null : (events.at(-1)?.userId ?? null) })
  }
}

/** See `CountSnapshot`. */
export const makeCountSnapshot =
  ({ snapshots, addressConsumer }: Pick<Needs, 'snapshots' | 'addressConsumer'>): CountSnapshot =>
  async (request) => {
    const addressed = await addressConsumer(request)
    return addressed.ok ? ok({ users: await snapshots.count() }) : addressed
  }
