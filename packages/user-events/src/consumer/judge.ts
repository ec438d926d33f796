import type { UserEvent } from '../contract/user-event.ts'
import type { Position } from '../stores/store.ts'

/** How an event compares with the position of its user, and so whether its handler runs. */
export type Verdict =
  | { readonly kind: 'applied' | 'stale' | 'duplicate' | 'conflict' }
  /** The handler runs too, because each event holds the whole state. */
  | { readonly kind: 'gap'; readonly skipped: number }

/**
 * Compares an event with what was applied, by version and event id alone. The first event of a user is applied whatever its
 * version, because there may have been events before this consumer. An event that is newer than a deletion is applied too,
 * because the service restored the user.
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

/** Whether the handler runs. */
export const isEffective = ({ kind }: Verdict): boolean => kind === 'applied' || kind === 'gap'
