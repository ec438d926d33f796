import { parseAvatar } from '../../domain/accounts/avatar.ts'
import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import type { ProfileChange, User } from '../../domain/accounts/user.ts'
import { changedFields, publishedState } from '../../domain/accounts/user.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Confusables, Users } from '../../ports/driven/accounts/users.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type {
  CheckProfile,
  ProfilePatch,
  UpdateProfile,
  UpdateProfileRefusal,
} from '../../ports/driving/accounts/accounts.ts'
import type { FieldProblem, InvalidFields } from '../../ports/driving/shared/invalid-fields.ts'
import { profileBudgets, takeAttempt, usernameBudgets } from '../limits/take-attempt.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'
import type { ChooseUsername } from './choose-username.ts'
import { nameConflictRefusal, usernameForms } from './choose-username.ts'
import type { Stale } from './retry-on-conflict.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

type Needs = {
  readonly users: Users
  readonly limiter: Limiter
  readonly states: SessionStates
  readonly chooseUsername: ChooseUsername
  readonly confusables: Confusables
  readonly identifiers: Identifiers
}

/** See `UpdateProfile`. */
export const makeUpdateProfile = (needs: Needs): UpdateProfile => {
  const { users, limiter, states, chooseUsername } = needs
  const apply = makeApply(needs)
  const withLock = makeKeyedMutex()
  return async (caller, patch, expected) => {
    const change = parsePatch(chooseUsername, patch)
    if (!change.ok) return change
    const attempt = await takeAttempt(limiter, profileBudgets(caller.id))
    if (!attempt.ok) return attempt
    return withLock(caller.id, async () => {
      // The authentication of this request has just read the user, so the cache has it.
      const recent = (await states.find(caller.session.id))?.user ?? null
      const { username } = change.value
      // A client may send the present username with every change. That asks nothing about other names.
      if (username !== undefined && username !== recent?.username) {
        const renaming = await takeAttempt(limiter, usernameBudgets(caller.id))
        if (!renaming.ok) return renaming
      }
      const updated = await retryOnConflict(
        () => users.find(caller.id),
        expected,
        (user, isRecent) => apply(user, change.value, isRecent),
        recent,
      )
      // Inside the lock, so that the next request in line does not find the old user in the cache. A profile says nothing
      // about who may do what, so other instances need not be told.
      if (updated.ok) states.updateUser(caller.session.id, updated.value)
      else states.forgetUser(caller.id)
      return updated
    })
  }
}

const makeApply =
  ({ users, confusables, identifiers }: Needs) =>
  async (
    user: User,
    change: ProfileChange,
    isRecent: boolean,
  ): Promise<Result<User, UpdateProfileRefusal | Stale>> => {
    const before = publishedState(user)
    const after = { ...before, ...change }
    const changed = changedFields(before, after)
    // The recent user may differ from the stored one, and then there may be something to write.
    if (changed.length === 0) return isRecent ? fail({ kind: 'stale' }) : ok(user)
    const forms = usernameForms(confusables, after.username)
    const saved = await users.update(user, after, changed, forms, identifiers.announcement())
    if (saved.ok) return saved
    if (saved.refusal.kind === 'stale') return fail(saved.refusal)
    const refusal = nameConflictRefusal(saved.refusal)
    // A profile patch never changes the email address, so its unique constraint cannot have refused the update.
    if (refusal.kind === 'email-taken')
      throw new Error('the store refused a profile change because the email address is taken')
    return fail(refusal)
  }

/** See `CheckProfile`. */
export const makeCheckProfile =
  ({ chooseUsername }: Pick<Needs, 'chooseUsername'>): CheckProfile =>
  (patch) => {
    const change = parsePatch(chooseUsername, patch)
    return change.ok ? [] : change.refusal.problems
  }

const parsePatch = (
  chooseUsername: ChooseUsername,
  patch: ProfilePatch,
): Result<ProfileChange, InvalidFields> => {
  const problems: FieldProblem[] = []
  const parse = <T>(
    field: keyof ProfilePatch,
    parseText: (text: string) => Result<T, string>,
  ): T | null | undefined => {
    const text = patch[field]
    if (text === undefined || text === null) return text
    const result = parseText(text)
    if (result.ok) return result.value
    problems.push({ field, code: result.refusal })
    return undefined
  }
  const chosen = parse('username', chooseUsername)
  const displayName = parse('displayName', parseDisplayName)
  const avatar = parse('avatar', parseAvatar)
  if (problems.length > 0) return fail({ kind: 'invalid-request', problems })
  return ok({
    ...(chosen && { username: chosen.username }),
    ...(displayName !== undefined && { displayName }),
    ...(avatar !== undefined && { avatar }),
  })
}
