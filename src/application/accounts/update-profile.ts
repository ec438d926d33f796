import { parseAvatar } from '../../domain/accounts/avatar.ts'
import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import type { ProfileChange, User } from '../../domain/accounts/user.ts'
import { changedFields, publishedState } from '../../domain/accounts/user.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Lookalikes } from '../../ports/driven/accounts/lookalikes.ts'
import type { Users } from '../../ports/driven/accounts/users.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type {
  FieldProblem,
  InvalidFields,
  ProfilePatch,
  UpdateProfile,
  UpdateProfileRefusal,
} from '../../ports/driving/accounts/accounts.ts'
import type { ChooseUsername } from './choose-username.ts'
import { usernameForms } from './choose-username.ts'
import { makeTakeTurns } from './keyed-mutex.ts'
import { nameRefusal } from './name-refusal.ts'
import type { Stale } from './retry-on-conflict.ts'
import { onPresentVersion } from './retry-on-conflict.ts'

type Needs = {
  readonly users: Users
  readonly states: SessionStates
  readonly chooseUsername: ChooseUsername
  readonly lookalikes: Lookalikes
  readonly identifiers: Identifiers
}

/** See `UpdateProfile`. */
export const makeUpdateProfile = (needs: Needs): UpdateProfile => {
  const { users, states, chooseUsername } = needs
  const apply = makeApply(needs)
  const takeTurns = makeTakeTurns()
  return async (caller, patch, expected) => {
    const change = readPatch(chooseUsername, patch)
    if (!change.ok) return change
    return takeTurns(caller.id, async () => {
      const updated = await onPresentVersion(
        () => users.find(caller.id),
        expected,
        (user, isRecent) => apply(user, change.value, isRecent),
        // What the guard has just looked at.
        (await states.find(caller.session.id))?.user ?? null,
      )
      // Before whoever waits for the next turn looks at it.
      states.forgetUser(caller.id)
      return updated
    })
  }
}

const makeApply =
  ({ users, lookalikes, identifiers }: Needs) =>
  async (
    user: User,
    change: ProfileChange,
    isRecent: boolean,
  ): Promise<Result<User, UpdateProfileRefusal | Stale>> => {
    const before = publishedState(user)
    const after = { ...before, ...change }
    const changed = changedFields(before, after)
    // The user of a moment ago may have been changed back since: then there is something to write.
    if (changed.length === 0) return isRecent ? fail({ kind: 'stale' }) : ok(user)
    const forms = usernameForms(lookalikes, after.username)
    const saved = await users.update(user, after, changed, forms, identifiers.announcement())
    if (saved.ok) return saved
    if (saved.refusal.kind === 'stale') return fail(saved.refusal)
    const refusal = nameRefusal(saved.refusal)
    // The address is no part of this patch, so its uniqueness cannot be what refused it.
    if (refusal.kind === 'email-taken') throw new Error('a profile change met a taken address')
    return fail(refusal)
  }

const readPatch = (
  chooseUsername: ChooseUsername,
  patch: ProfilePatch,
): Result<ProfileChange, InvalidFields> => {
  const problems: FieldProblem[] = []
  const read = <T>(
    field: keyof ProfilePatch,
    parse: (text: string) => Result<T, string>,
  ): T | null | undefined => {
    const text = patch[field]
    if (text === undefined || text === null) return text
    const result = parse(text)
    if (result.ok) return result.value
    problems.push({ field, code: result.refusal })
    return undefined
  }
  const chosen = read('username', chooseUsername)
  const displayName = read('displayName', parseDisplayName)
  const avatar = read('avatar', parseAvatar)
  if (problems.length > 0) return fail({ kind: 'invalid-request', problems })
  return ok({
    ...(chosen && { username: chosen.username }),
    ...(displayName !== undefined && { displayName }),
    ...(avatar !== undefined && { avatar }),
  })
}
