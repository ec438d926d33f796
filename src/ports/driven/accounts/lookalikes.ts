import type { CanonicalUsername, UsernameSkeleton } from '../../../domain/accounts/username.ts'

/** The skeleton of a name by Unicode's confusables (UTS #39 §4): names that look alike share it. */
export type Lookalikes = { skeleton(name: CanonicalUsername): UsernameSkeleton }
