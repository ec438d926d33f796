import type { LedgerEntry } from '../../../domain/events/ledger-entry.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

export type LedgerQuery = {
  /** An opaque cursor from an earlier answer; null starts with the oldest entry. */
  readonly after: string | null
  readonly userId: UserId | null
  readonly limit: number
}

/** Every committed change of the last 14 days, oldest first. */
export type Ledger = {
  /**
   * Answers null for a cursor that cannot be read. A reader that follows `next` misses no late commit: `next` is the place
   * after the last entry, the given cursor when there was nothing new, and null only before the first entry of all.
   */
  read(query: LedgerQuery): Promise<{ entries: LedgerEntry[]; next: string | null } | null>
  /** A cursor before the last `count` changes, of one user or of all; null when there are no more than those. */
  beforeLast(count: number, userId: UserId | null): Promise<string | null>
}
