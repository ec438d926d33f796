import type { User } from '../../domain/accounts/user.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type {
  CreateAdmin,
  CreateAdminRefusal,
} from '../../ports/driving/administration/administration.ts'
import type { ChooseUsername } from '../accounts/choose-username.ts'
import { nameConflictRefusal } from '../accounts/choose-username.ts'
import type { ParsedRegistration } from '../accounts/parse-registration.ts'
import { makeParseRegistration } from '../accounts/parse-registration.ts'
import { operatorEntry } from '../audit/audit-entries.ts'
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

/** See `CreateAdmin`. When several runs with the same names overlap, one creates the account and the others find it [CF4]. */
export const makeCreateAdmin = (needs: Needs): CreateAdmin => {
  const parseRegistration = makeParseRegistration(needs)
  const insert = makeInsert(needs)
  const findAdmin = makeFindAdmin(needs)
  return async (admin) => {
    const parsed = parseRegistration({ ...admin, displayName: null })
    if (!parsed.ok) return parsed
    const before = await findAdmin(parsed.value)
    if (before !== null) return ok({ user: before, created: false })
    const inserted = await insert(parsed.value)
    if (inserted.ok) return ok({ user: inserted.value, created: true })
    const after = await findAdmin(parsed.value)
    return after === null ? inserted : ok({ user: after, created: false })
  }
}

const makeInsert =
  ({ transact, passwords, identifiers, clock }: Needs) =>
  async ({
    state,
    forms,
    password,
  }: ParsedRegistration): Promise<Result<User, CreateAdminRefusal>> => {
    const hash = await passwords.hash(password, null)
    const id = identifiers.userId()
    return transact<User, CreateAdminRefusal>(async ({ users, credentials, audit }) => {
      const admin = { ...state, role: 'admin', emailVerified: true } as const
      const inserted = await users.insert(id, admin, forms, identifiers.announcement())
      if (!inserted.ok) return fail(nameConflictRefusal(inserted.refusal))
      await credentials.setPasswordHash(id, hash)
      await audit.append(operatorEntry('admin.created', { subjectId: id, at: clock() }))
      return inserted
    })
  }

/** The administrator who has exactly this email address and username; null when there is none. */
const makeFindAdmin =
  ({ stores }: Needs) =>
  async ({ state, forms }: ParsedRegistration): Promise<User | null> => {
    const user = await stores.users.byIdentifier({ kind: 'username', canonical: forms.canonical })
    return user !== null && user.email === state.email && user.role === 'admin' ? user : null
  }
