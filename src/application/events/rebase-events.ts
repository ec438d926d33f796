import { LEAP } from '../../domain/events/user-event.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { ReadToldUser, StoredMessages } from '../../ports/driven/events/published-users.ts'
import type { Rebases, ToldUser } from '../../ports/driven/events/rebases.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { RebaseEvents } from '../../ports/driving/events/rebase.ts'

type Needs = {
  readonly rebases: Rebases
  readonly storedMessages: StoredMessages
  readonly readToldUser: ReadToldUser
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'announcement'>
  readonly log: Log
  readonly clock: Clock
}

type Told = NonNullable<ReturnType<ReadToldUser>>

const BATCH = 500

/** See `RebaseEvents`. */
export const makeRebaseEvents = (needs: Needs): RebaseEvents => {
  const { rebases, stores, identifiers, log, clock } = needs
  const lookAtStream = makeLookAtStream(needs)
  return async () => {
    const { highest, vanished } = await lookAtStream()
    // Enough also when what consumers know comes from an earlier rebase that this database has forgotten.
    const by = LEAP * (Math.floor(highest / LEAP) + 1)
    await stores.audit.append({
      ...{ action: 'events.rebased', result: 'ok', actorId: null, subjectId: null },
      ...{ addressPrefix: null, at: clock() },
      details: `by ${by}, ${vanished.length} known to consumers only`,
    })
    const rebased = await rebases.leap(by, vanished, () => identifiers.announcement().eventId)
    log('warn', 'events.rebased', { by, ...rebased })
    return { by, ...rebased }
  }
}

/** The highest version that was told, and who is known to consumers and not here. Only these are held in memory. */
const makeLookAtStream = ({ rebases, storedMessages, readToldUser }: Needs) => {
  const strangersAmong = async (batch: readonly Told[]): Promise<ReadonlySet<UserId>> =>
    new Set(await rebases.strangers([...new Set(batch.map(({ userId }) => userId))]))
  return async () => {
    const vanished = new Map<UserId, ToldUser>()
    let highest = 0
    for await (const batch of inBatches(storedMessages(), readToldUser)) {
      const strangers = await strangersAmong(batch)
      for (const { isDeleted, ...told } of batch) {
        highest = Math.max(highest, told.version)
        if (isDeleted) vanished.delete(told.userId)
        else if (strangers.has(told.userId)) vanished.set(told.userId, told)
      }
    }
    return { highest, vanished: [...vanished.values()] }
  }
}

async function* inBatches(
  messages: ReturnType<StoredMessages>,
  readToldUser: ReadToldUser,
): AsyncGenerator<readonly Told[]> {
  let batch: Told[] = []
  for await (const message of messages) {
    const told = readToldUser(message)
    if (told !== null) batch.push(told)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
