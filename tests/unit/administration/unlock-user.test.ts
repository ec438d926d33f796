import { describe, expect, test } from 'bun:test'
import { CONSECUTIVE_FAILURES_CAP } from '../../../src/domain/limits/limits.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import {
  granted,
  newClient,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

/** An account that strangers have brought to the cap. */
const given = async () => {
  const service = await givenUseCases(database)
  const { user } = await registered(service)
  const { addressPrefix } = newClient()
  for (let failure = 0; failure < CONSECUTIVE_FAILURES_CAP; failure += 1)
    await service.stores.credentials.signInFailed(user.id, addressPrefix, service.clock())
  return { service, user, signIn: () => service.signIn(user.username, PASSWORD, newClient()) }
}

describe('an account at the cap of failures', () => {
  test.each(['id', 'email', 'username'] as const)(
    'is unlocked by its %s, with an audit entry [BF11]',
    async (name) => {
      const { service, user, signIn } = await given()
      expect(refusalOf(await signIn())).toEqual({ kind: 'bad-credentials' })
      expect(granted(await service.unlockUser(`${user[name]}`)).id).toBe(user.id)
      granted(await signIn())
      const trail = await service.auditOf(user.id)
      expect(trail.find(({ action }) => action === 'user.unlocked')).toMatchObject({
        result: 'ok',
        actorId: null,
        subjectId: user.id,
      })
    },
  )

  test('opens to unknown addresses a day later, whatever was tried meanwhile [BF11]', async () => {
    const { service, signIn } = await given()
    for (let hour = 0; hour < 23; hour += 1) {
      expect(refusalOf(await signIn())).toEqual({ kind: 'bad-credentials' })
      await service.pass(3600)
    }
    await service.pass(3600)
    granted(await signIn())
  })
})

test.each(['nobody', 'nobody@example.com', '0198f3a2-0000-7000-8000-000000000001', '', '\u0000'])(
  'the account %j, which does not exist, is not unlocked [BF11]',
  async (account) => {
    const service = await givenUseCases(database)
    expect(refusalOf(await service.unlockUser(account))).toEqual({ kind: 'not-found' })
  },
)
