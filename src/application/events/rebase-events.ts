import type { PublishedUser } from '../../domain/events/rebase.ts'
import { REBASE_STEP } from '../../domain/events/rebase.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { EventMessage } from '../../ports/driven/events/event-publisher.ts'
import type { StoredEvents } from '../../ports/driven/events/event-streams.ts'
import type { ReadPublishedUser, Rebases } from '../../ports/driven/events/rebases.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { RebaseEvents } from '../../ports/driving/events/events.ts'
import { operatorEntry } from '../audit/audit-entries.ts'

type Needs = {
  readonly rebases: Rebases
  readonly storedEvents: Pick<StoredEvents, 'messages'>
  readonly readPublishedUser: ReadPublishedUser
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'announcement'>
  readonly log: Log
  readonly clock: Clock
}

type Published = NonNullable<ReturnType<ReadPublishedUser>>

const BATCH = 500

/** See `RebaseEvents`. It writes the audit entry before it changes anything. */
export const makeRebaseEvents = (needs: Needs): RebaseEvents => {
  const { rebases, storedEvents, readPublishedUser, stores, identifiers, log, clock } = needs

  /** The highest published version, and the users whom only the stream knows. Only these users are held in memory. */
  const readStream = async () => {
    const vanished = new Map<UserId, PublishedUser>()
    let highest = 0
    for await (const batch of inBatches(storedEvents.messages(), readPublishedUser)) {
      const ids = new Set(batch.map(({ userId }) => userId))
      const unknown = new Set(await rebases.unknownUsers([...ids]))
      for (const { isDeleted, ...user } of batch) {
        highest = Math.max(highest, user.version)
        if (isDeleted) vanished.delete(user.userId)
        else if (unknown.has(user.userId)) vanished.set(user.userId, user)
      }
    }
    return { highest, vanished: [...vanished.values()] }
  }

  return async () => {
    const start = await rebases.begin()
    if (start === null) return fail({ kind: 'still-serving' })
    const { highest, vanished } = await readStream()
    // High enough even if consumers have seen an earlier rebase that this database no longer knows of.
    const by = REBASE_STEP * (Math.floor(highest / REBASE_STEP) + 1)
    await stores.audit.append(
      operatorEntry('events.rebased', {
        details: `by ${by}, ${vanished.length} known to consumers only`,
        at: clock(),
      }),
    )
    const raised = await rebases.raiseVersions(
      start,
      by,
      vanished,
      () => identifiers.announcement().eventId,
    )
    if (!raised.ok) return raised
    log('warn', 'events.rebased', { by, ...raised.value })
    return ok({ by, ...raised.value })
  }
}

async function* inBatches(
  messages: AsyncIterable<EventMessage>,
  readPublishedUser: ReadPublishedUser,
): AsyncGenerator<readonly Published[]> {
  let batch: Published[] = []
  for await (const message of messages) {
    const user = readPublishedUser(message)
    if (user !== null) batch.push(user)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
