import type { User } from '../../domain/accounts/user.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { ExpectedVersions } from '../../ports/driving/accounts/accounts.ts'

export type Stale = { readonly kind: 'stale' }

type Missed = { readonly kind: 'not-found' } | { readonly kind: 'version-mismatch' }

/** Losing this often in a row against other writers means that something else is wrong. */
const ATTEMPTS = 10

/**
 * Optimistic concurrency: `decide` decides on the stored version of a user, and decides again when another writer
 * stored a newer version first, unless the caller asked for certain versions. No version is overwritten that `decide`
 * did not see.
 * @param recent the user as read a moment ago. It is mostly the stored version, and then spares a read. `decide` must
 * answer `stale` for it when it wrote nothing, because only a successful write proves that it was the stored version.
 * @throws Unavailable after 10 lost attempts.
 */
export const retryOnConflict = async <T, R extends { readonly kind: string }>(
  find: () => Promise<User | null>,
  expected: ExpectedVersions,
  decide: (user: User, isRecent: boolean) => Promise<Result<T, R>>,
  recent: User | null = null,
): Promise<Result<T, Exclude<R, Stale> | Missed>> => {
  if (recent !== null && (expected === null || expected.includes(recent.version))) {
    const outcome = await decide(recent, true)
    if (outcome.ok) return outcome
    if (isNotStale(outcome.refusal)) return fail(outcome.refusal)
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const user = await find()
    if (user === null) return fail({ kind: 'not-found' })
    if (expected !== null && !expected.includes(user.version))
      return fail({ kind: 'version-mismatch' })
    const outcome = await decide(user, false)
    if (outcome.ok) return outcome
    if (isNotStale(outcome.refusal)) return fail(outcome.refusal)
  }
  throw new Unavailable(`other writers changed the user first in ${ATTEMPTS} attempts in a row`)
}

const isNotStale = <R extends { readonly kind: string }>(
  refusal: R,
): refusal is Exclude<R, Stale> => refusal.kind !== 'stale'
