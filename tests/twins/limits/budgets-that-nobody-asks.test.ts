import { expect, test } from 'bun:test'
import type { Limiter, LimitKey } from '../../../src/ports/driven/limits/limiter.ts'
import { newClient, registered } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import {
  changesInAMinute,
  hashesForSite,
  rightAfterGuesses,
  signInsInAMinute,
} from '../../support/builders/limits/spent-budgets.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

/** The use cases as they are, and with a limiter that is not asked about some keys. */
const both = async <T>(
  isForgotten: (key: LimitKey) => boolean,
  check: (service: GivenUseCases) => Promise<T>,
): Promise<readonly [right: T, wrong: T]> => {
  const kept = (keys: readonly LimitKey[]) => keys.filter((key) => !isForgotten(key))
  const twin = ({ take, giveBack }: Limiter): Limiter => ({
    take: (keys) => take(kept(keys)),
    giveBack: (keys) => giveBack(kept(keys)),
  })
  return [
    await check(await givenUseCases(database)),
    await check(await givenUseCases(database, undefined, { limiter: twin })),
  ]
}

test('identifiers of an account without a budget of their own are caught by guesses at both', async () => {
  const [right, wrong] = await both(
    ({ of }) => of === 'account',
    async (service) => {
      const { user } = await registered(service)
      return rightAfterGuesses(service, [user.username, user.email ?? ''], newClient())
    },
  )
  expect(right).toEqual(['bad-credentials', 'bad-credentials'])
  expect(wrong).toContain('ok')
})

test('an IPv6 site without a budget is caught by guesses from many of its networks', async () => {
  const isSite = ({ of }: LimitKey) => of === 'site'
  expect(await both(isSite, (service) => hashesForSite(service, 7))).toEqual([250, 500])
}, 30_000)

test('changes of a profile without a budget are caught by seventy in a minute', async () => {
  const allowed = await both(
    ({ budget }) => budget === 'profile',
    async (service) => changesInAMinute(service, (await registered(service)).caller),
  )
  expect(allowed).toEqual([60, 70])
})

test('right passwords without a budget are caught by forty in a minute', async () => {
  const outcomes = await both(
    ({ budget }) => budget === 'sign-in-success',
    async (service) => {
      const { user, client } = await registered(service)
      return signInsInAMinute(service, user.username, client)
    },
  )
  expect(outcomes).toEqual([
    { letIn: 30, hashes: 30 },
    { letIn: 40, hashes: 40 },
  ])
})
