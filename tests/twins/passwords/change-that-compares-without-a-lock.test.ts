import { expect, test } from 'bun:test'
import { makeChangePassword } from '../../../src/application/passwords/change-password.ts'
import type { Stores, Transact } from '../../../src/ports/driven/transact.ts'
import type { ChangePassword } from '../../../src/ports/driving/passwords/passwords.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { registered } from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { GivenUseCases } from '../../support/builders/service/given-use-cases.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

/** Decides on the hash that was read before the verification, whatever the account has by now. */
const twin = (service: GivenUseCases): ChangePassword => {
  let read: string | null = null
  const stores: Stores = {
    ...service.stores,
    credentials: {
      ...service.stores.credentials,
      passwordHash: async (user) => {
        read = await service.stores.credentials.passwordHash(user)
        return read
      },
    },
  }
  const transact: Transact = (work) =>
    service.transact((bound) => {
      const lock = async () => ({ passwordHash: read, revocations: 0 })
      return work({ ...bound, credentials: { ...bound.credentials, lock } })
    })
  return makeChangePassword({ ...service, stores, transact })
}

/** How many of two changes at once succeed? */
const successes = async (makeChange: (service: GivenUseCases) => ChangePassword) => {
  const service = await givenUseCases(database)
  const { caller, client } = await registered(service)
  const change = makeChange(service)
  const outcomes = await Promise.all(
    ['one quiet lantern', 'two quiet lanterns'].map((newPassword) =>
      change(caller, { currentPassword: PASSWORD, newPassword }, client),
    ),
  )
  return outcomes.filter(({ ok }) => ok).length
}

test('a change of the password that compares hashes without a lock lets two changes through', async () => {
  expect(await successes(({ changePassword }) => changePassword)).toBe(1)
  expect(await successes(twin)).toBe(2)
})
