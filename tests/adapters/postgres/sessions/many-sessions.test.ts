import { expect, test } from 'bun:test'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { makeEndSurplusSessions } from '../../../../src/application/sessions/end-surplus-sessions.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import {
  noonPlus,
  storeCopies,
  storedSession,
  storedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { FIRST_PAGE } from '../../../support/builders/sessions/given-sessions.ts'
import { wakingMilliseconds } from '../../../support/processes/timing/waking-time.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { givenPostgresOfEachVersion } from '../../../support/servers/postgres/given-postgres.ts'

const MANY = 20_000

for (const { major, url } of await givenPostgresOfEachVersion())
  test(`PostgreSQL ${major} reads one page of ${MANY} sessions without reading the others, and ends all but fifty [SE15]`, async () => {
    const database = openPostgres({ address: postgresAt(url), applicationName: 'under-test' })
    await migrate(database)
    const subject = givenStores(database)
    const user = await storedUser(subject)
    const session = await storedSession(subject, user)
    await storeCopies(database, session, MANY)
    const { sessions } = subject.stores
    const began = wakingMilliseconds()
    for (let page = 0; page < 20; page += 1)
      await sessions.ofUser(user.id, noonPlus(1), { after: session, limit: 1 })
    // Loading all of them took 1.6 s each time.
    expect(wakingMilliseconds() - began).toBeLessThan(1000)

    const forgotten: UserId[] = []
    const endSurplusSessions = makeEndSurplusSessions({
      stores: subject.stores,
      states: {
        find: subject.readSessionState,
        updateUser: () => {},
        forgetUser: (id) => forgotten.push(id),
        forgetSession: () => {},
        forgetEverything: () => {},
      },
      clock: () => noonPlus(2),
    })
    await endSurplusSessions(user.id, session.id)
    expect(await sessions.ofUser(user.id, noonPlus(3), FIRST_PAGE)).toHaveLength(50)
    expect(new Set(forgotten)).toEqual(new Set([user.id]))
    await database.close()
  }, 60_000)
