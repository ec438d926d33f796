import type { User } from '../../domain/accounts/user.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { ExpectedVersions } from '../../ports/driving/accounts/accounts.ts'

export type Stale = { readonly kind: 'stale' }

type Missed = { readonly kind: 'not-found' } | { readonly kind: 'version-mismatch' }

/** A writer can be overtaken; so many times in a row means that something else is wrong. */
const ATTEMPTS = 10

/**
 * Decides on the present version of a user and decides again when another writer was faster, unless the caller
 * asked for a certain version. Nothing is ever written over a version that the decision did not see.
 * @param recent the user of a moment ago, which is mostly the present one and then spares a read. Only what `decide` has
 * written on it counts; what it says without having written has to be `stale`.
 * @throws Unavailable after being overtaken too often.
 */
export const onPresentVersion = async <T, R extends { readonly kind: string }>(
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
  throw new Unavailable(`a user changed under ${ATTEMPTS} attempts in a row`)
}

const isNotStale = <R extends { readonly kind: string }>(
  refusal: R,
): refusal is Exclude<R, Stale> => refusal.kind !== 'stale'
