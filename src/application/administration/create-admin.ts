import { fail, ok } from '../../domain/shared/result.ts'
import type { Identifier } from '../../ports/driven/accounts/users.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { CreateAdmin } from '../../ports/driving/accounts/accounts.ts'
import type { ChooseUsername } from '../accounts/choose-username.ts'
import { nameRefusal } from '../accounts/name-refusal.ts'
import type { Applicant } from '../accounts/read-applicant.ts'
import { makeReadApplicant } from '../accounts/read-applicant.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly passwords: Passwords
  readonly choosePassword: ChoosePassword
  readonly chooseUsername: ChooseUsername
  readonly identifiers: Identifiers
  readonly clock: Clock
}

/** See `CreateAdmin`. Of several at once with the same names one makes the account, the others find it [CF4]. */
export const makeCreateAdmin = (needs: Needs): CreateAdmin => {
  const readApplicant = makeReadApplicant(needs)
  const insert = makeInsert(needs)
  const findAdmin = makeFindAdmin(needs)
  return async (admin) => {
    const applicant = readApplicant({ ...admin, displayName: null })
    if (!applicant.ok) return applicant
    const before = await findAdmin(applicant.value)
    if (before !== null) return ok({ user: before, created: false })
    const inserted = await insert(applicant.value)
    if (inserted.ok) return ok({ user: inserted.value, created: true })
    const after = await findAdmin(applicant.value)
    return after === null ? inserted : ok({ user: after, created: false })
  }
}

const makeInsert =
  ({ transact, passwords, identifiers, clock }: Needs) =>
  async ({ state, forms, password }: Applicant) => {
    const hash = await passwords.hash(password)
    const id = identifiers.userId()
    return transact(async ({ users, credentials, audit }) => {
      const admin = { ...state, role: 'admin', emailVerified: true } as const
      const inserted = await users.insert(id, admin, forms, identifiers.announcement())
      if (!inserted.ok) return fail(nameRefusal(inserted.refusal))
      await credentials.setPasswordHash(id, hash)
      await audit.append({
        action: 'admin.created',
        result: 'ok',
        actorId: null,
        subjectId: id,
        addressPrefix: null,
        at: clock(),
      })
      return inserted
    })
  }

/** The administrator who has exactly these names already. */
const makeFindAdmin =
  ({ stores }: Needs) =>
  async ({ state, forms }: Applicant) => {
    const identifier: Identifier = { kind: 'username', canonical: forms.canonical }
    const user = await stores.users.byIdentifier(identifier)
    return user !== null && user.email === state.email && user.role === 'admin' ? user : null
  }
