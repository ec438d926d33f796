import type { PublishedUser, RebaseCounts, StillServing } from '../../../domain/events/rebase.ts'
import type { EventId, UserId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { EventMessage } from './event-publisher.ts'

/** Reads the user out of a message; null when the message is no user event. */
export type ReadPublishedUser = (
  message: EventMessage,
) => (PublishedUser & { readonly isDeleted: boolean }) | null

/** How far the ledger was when a rebase began, and the oldest transaction that was open then. */
export type RebaseStart = { readonly position: string; readonly oldestOpen: string }

/** Repairs the versions of a database that was restored and lacks changes that consumers have seen. */
export type Rebases = {
  /** The given ids that no user has. */
  unknownUsers(ids: readonly UserId[]): Promise<UserId[]>
  /** Null while an instance of the service holds a shard lease, or is looking for one. Waits for changes that are under way. */
  begin(): Promise<RebaseStart | null>
  /**
   * Adds `by` to the version of every user and announces each as `updated`. Announces every user of `vanished` who does
   * not exist here as `deleted`, at `by` above the published version. `by` is a multiple of one million above every
   * version on the stream. It all happens behind one barrier: each change of a user comes either before it or after it,
   * and it is committed as a whole. A repeated call leaves out the users whom the call before has raised or announced.
   * Refused while an instance holds a lease, and when a user was changed since `start`: `vanished` may lack one who was deleted
   * meanwhile. No instance gets a lease before the commit.
   */
  raiseVersions(
    start: RebaseStart,
    by: number,
    vanished: readonly PublishedUser[],
    nextEventId: () => EventId,
  ): Promise<Result<RebaseCounts, StillServing>>
}
