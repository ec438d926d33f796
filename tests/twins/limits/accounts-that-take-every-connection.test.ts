import { expect, test } from 'bun:test'
import { makeIdentifiers } from '../../../src/adapters/platform/identifiers.ts'
import { makeDeleteAccount } from '../../../src/application/accounts/delete-account.ts'
import { makeUnlinkIdentity } from '../../../src/application/oauth/unlink-identity.ts'
import { makeRevokeSession } from '../../../src/application/sessions/end-session.ts'
import { makeSignOutEverywhere } from '../../../src/application/sessions/sign-out-everywhere.ts'
import type { Transact } from '../../../src/ports/driven/transact.ts'
import type { Person } from '../../support/builders/accounts/registered-users.ts'
import { registered } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { GOOGLE } from '../../support/builders/oauth/given-sign-ins.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const OTHER_NEEDS = { identifiers: makeIdentifiers(() => null) }

type Needs = GivenUseCases & typeof OTHER_NEEDS

type Request = (person: Person) => Promise<unknown>

/** What an account may ask for without a budget. Each locks rows of the account in a transaction. */
const REQUESTS: readonly [name: string, make: (needs: Needs) => Request][] = [
  [
    'signing out everywhere',
    (needs) => {
      const signOutEverywhere = makeSignOutEverywhere(needs)
      return ({ caller }) => signOutEverywhere(caller)
    },
  ],
  [
    'ending a session',
    (needs) => {
      const revokeSession = makeRevokeSession(needs)
      return ({ caller }) => revokeSession(caller.session.id, caller.id)
    },
  ],
  [
    'unlinking an identity',
    (needs) => {
      const unlinkIdentity = makeUnlinkIdentity(needs)
      return ({ caller }) => unlinkIdentity(caller, GOOGLE)
    },
  ],
  [
    'deleting the account',
    (needs) => {
      const deleteAccount = makeDeleteAccount(needs)
      return ({ caller }) => deleteAccount(caller, null)
    },
  ],
]

/** How many transactions are under way at once, while eight requests of one account are? */
const transactionsAtOnce = async (make: (needs: Needs) => Request) => {
  const useCases = await givenUseCases(database)
  const person = await registered(useCases)
  let underWay = 0
  let most = 0
  const transact: Transact = async (work) => {
    underWay += 1
    most = Math.max(most, underWay)
    try {
      return await useCases.transact(work)
    } finally {
      underWay -= 1
    }
  }
  const request = make({ ...useCases, ...OTHER_NEEDS, transact })
  await Promise.all(Array.from({ length: 8 }, () => request(person)))
  return most
}

test.each(REQUESTS)(
  '%s, asked many times at once, takes one connection, because the others wait without one [BF14]',
  async (_, make) => {
    expect(await transactionsAtOnce(make)).toBe(1)
    // The twin: no request knows of another.
    expect(await transactionsAtOnce((needs) => (person) => make(needs)(person))).toBeGreaterThan(1)
  },
)
