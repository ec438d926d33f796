import type { User } from '../../domain/accounts/user.ts'
import { introduced } from '../../domain/accounts/user.ts'
import type { Arrival, ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import { arrivalOf } from '../../domain/oauth/external-identity.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { ChooseUsername } from '../accounts/choose-username.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly chooseUsername: ChooseUsername
  readonly identifiers: Identifiers
  readonly clock: Clock
}

export type Received = {
  readonly user: User
  readonly created: boolean
  /** The identity is not the user's yet: it is to be linked when the code is exchanged. */
  readonly joins: boolean
}

/** Null for somebody who has to link first. */
export type ReceiveArrival = (identity: ExternalIdentity) => Promise<Received | null>

/** Somebody else may arrive at the same time, or take the name; not many times in a row. */
const ATTEMPTS = 10

/** Finds the user of an identity, or makes one: with its identity, its event and its line in the trail, or not at all. */
export const makeReceiveArrival = (needs: Needs): ReceiveArrival => {
  const decide = makeDecide(needs)
  const admit = makeAdmitNew(needs)
  return async (identity) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const arrival = await decide(identity)
      if (arrival.kind === 'link-required') return null
      if (arrival.kind !== 'new')
        return { user: arrival.user, created: false, joins: arrival.kind === 'joins' }
      const made = await admit(identity, arrival)
      if (made.ok) return { user: made.value, created: true, joins: false }
    }
    throw new Unavailable(`an arrival met others ${ATTEMPTS} times in a row`)
  }
}

const makeDecide =
  ({ stores: { users, identities } }: Needs) =>
  async (identity: ExternalIdentity): Promise<Arrival> => {
    const { provider, subject, email } = identity
    const ownerId = await identities.ownerOf(provider, subject)
    const owner = ownerId && (await users.find(ownerId))
    const namesake =
      owner === null && email !== null ? await users.byIdentifier({ kind: 'email', email }) : null
    const linked = namesake === null ? [] : await identities.ofUser(namesake.id)
    const namesakeIsTaken = linked.some((each) => each.provider === provider)
    return arrivalOf(identity, { owner, namesake, namesakeIsTaken })
  }

type New = Extract<Arrival, { readonly kind: 'new' }>

const makeAdmitNew =
  ({ transact, chooseUsername, identifiers, clock }: Needs) =>
  (
    { provider, subject, email, displayName, avatar }: ExternalIdentity,
    { email: ownEmail, emailVerified }: New,
  ): Promise<Result<User, 'met-another'>> =>
    transact<User, 'met-another'>(async ({ users, identities, audit }) => {
      const chosen = chooseUsername(identifiers.username())
      if (!chosen.ok) throw new Error('a username of our own making is refused')
      const { username, forms } = chosen.value
      const id = identifiers.userId()
      const state = introduced({ email: ownEmail, emailVerified, username, displayName, avatar })
      const inserted = await users.insert(id, state, forms, identifiers.announcement())
      if (!inserted.ok) return fail('met-another')
      const now = clock()
      const linked = await identities.link({ provider, subject, userId: id, email, linkedAt: now })
      if (!linked) return fail('met-another')
      await audit.append({
        action: 'user.registered',
        result: 'ok',
        ...{ actorId: id, subjectId: id, addressPrefix: null, details: `through ${provider}` },
        at: now,
      })
      return ok(inserted.value)
    })
