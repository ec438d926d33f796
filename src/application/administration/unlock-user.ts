import { parseIdentifier } from '../../domain/accounts/identifier.ts'
import type { User } from '../../domain/accounts/user.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { UnlockUser } from '../../ports/driving/administration/administration.ts'
import { operatorEntry } from '../audit/audit-entries.ts'

type Needs = { readonly stores: Stores; readonly transact: Transact; readonly clock: Clock }

/** See `UnlockUser`. */
export const makeUnlockUser = (needs: Needs): UnlockUser => {
  const { transact, clock } = needs
  const find = makeFind(needs)
  return async (account) => {
    const user = await find(account)
    if (user === null) return fail({ kind: 'not-found' })
    return transact<User, never>(async ({ credentials, audit }) => {
      await credentials.clearFailures(user.id)
      await audit.append(operatorEntry('user.unlocked', { subjectId: user.id, at: clock() }))
      return ok(user)
    })
  }
}

const makeFind =
  ({ stores: { users } }: Needs) =>
  async (account: string): Promise<User | null> => {
    const id = parseUserId(account)
    if (id !== null) return users.find(id)
    const identifier = parseIdentifier(account)
    return identifier === null ? null : users.byIdentifier(identifier)
  }
