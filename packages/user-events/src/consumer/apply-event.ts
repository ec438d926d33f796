import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'
import type { Store } from '../stores/store.ts'
import type { Verdict } from './judge.ts'
import { isEffective, judge } from './judge.ts'

/** The store failed before the handler was called, so the event is not to blame. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export type ApplyNeeds<Version extends SchemaVersion, Tx> = {
  readonly store: Store<Tx>
  readonly name: string
  readonly handle: (event: UserEvent<Version>, tx: Tx) => Promise<void>
}

/**
 * Judges and handles one event in one transaction.
 * @throws what the handler or the commit failed with; StoreUnavailable when the store failed before the handler was called.
 */
export const applyEvent = async <Version extends SchemaVersion, Tx>(
  { store, name, handle }: ApplyNeeds<Version, Tx>,
  event: UserEvent<Version>,
): Promise<Verdict> => {
  let isHandled = false
  try {
    return await store.transact(async (tx) => {
      const { userId, version, eventId } = event
      const verdict = judge(await store.takePosition(tx, name, userId), event)
      if (!isEffective(verdict)) return verdict
      isHandled = true
      await handle(event, tx)
      await store.keepPosition(tx, name, { userId, version, eventId })
      return verdict
    })
  } catch (cause) {
    throw isHandled ? cause : new StoreUnavailable('the store cannot be reached', { cause })
  }
}
