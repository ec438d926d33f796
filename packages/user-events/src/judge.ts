import type { Position } from './store.ts'
import type { UserEvent } from './user-event.ts'

/** What an event is to somebody who has applied `position`, and so whether its handler runs. */
export type Verdict =
  | { readonly kind: 'applied' | 'stale' | 'duplicate' | 'conflict' }
  /** Applied too: each event holds the whole state. */
  | { readonly kind: 'gap'; readonly skipped: number }

/**
 * The guard, by version and event id alone. The first event of a user is applied whatever its version: there may have
 * been events before this consumer. One that is newer than a deletion is applied too: the service took the user back.
 */
export const judge = (
  position: Position | null,
  { version, eventId }: Pick<UserEvent, 'version' | 'eventId'>,
): Verdict => {
  if (position === null) return { kind: 'applied' }
  if (version < position.version) return { kind: 'stale' }
  if (version === position.version)
    return { kind: eventId === position.eventId ? 'duplicate' : 'conflict' }
  const skipped = version - position.version - 1
  return skipped === 0 ? { kind: 'applied' } : { kind: 'gap', skipped }
}

export const isEffective = ({ kind }: Verdict): boolean => kind === 'applied' || kind === 'gap'
