import type { NameConflict } from '../../ports/driven/accounts/users.ts'
import type { InvalidFields } from '../../ports/driving/accounts/accounts.ts'

type TakenName = { readonly kind: 'email-taken' } | { readonly kind: 'username-taken' }

/** A name that only looks like another's is not taken: it is one that nobody may choose. */
export const nameRefusal = (conflict: NameConflict): TakenName | InvalidFields =>
  conflict.kind === 'username-confusable'
    ? { kind: 'invalid-request', problems: [{ field: 'username', code: 'confusable' }] }
    : conflict
