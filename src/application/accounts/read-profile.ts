import type { Users } from '../../ports/driven/accounts/users.ts'
import type { ReadProfile } from '../../ports/driving/accounts/accounts.ts'

/** See `ReadProfile`. It adds to `Users.find` that a caller reads only the own account. */
export const makeReadProfile =
  (users: Users): ReadProfile =>
  (caller) =>
    users.find(caller.id)
