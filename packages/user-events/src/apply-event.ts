import type { Verdict } from './judge.ts'
import { isEffective, judge } from './judge.ts'
import type { Store } from './store.ts'
import type { SchemaVersion } from './subjects.ts'
import type { UserEvent } from './user-event.ts'

/** The store failed before the handler was asked: no fault of the event. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway'
}

export type ApplyNeeds<Version extends SchemaVersion, Tx> = {
  readonly store: Store<Tx>
  readonly name: string
  readonly handle: (event: UserEvent<Version>, tx: Tx) => Promise<void>
}

/**
 * Guards and handles one event in one transaction. Rejects with whatever the handler or the commit failed with, and
 * with StoreAway when it did not come to that.
 */
export const applyEvent = async <Version extends SchemaVersion, Tx>(
  { store, name, handle }: ApplyNeeds<Version, Tx>,
  event: UserEvent<Version>,
): Promise<Verdict> => {
  let handled = false
  try {
    return await store.transact(async (tx) => {
      const { userId, version, eventId } = event
      const verdict = judge(await store.takePosition(tx, name, userId), event)
      if (!isEffective(verdict)) return verdict
      handled = true
      await handle(event, tx)
      await store.keepPosition(tx, name, { userId, version, eventId })
      return verdict
    })
  } catch (cause) {
    throw handled ? cause : new StoreAway('the store cannot be reached', { cause })
  }
}
