import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database } from '../../../src/adapters/postgres/driver/database.ts'
import { rowsOf } from '../../../src/adapters/postgres/driver/rows.ts'
import type { User } from '../../../src/domain/accounts/user.ts'
import { storedUser, updatedUser } from '../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { FIRST, givenStores } from '../../support/builders/database/given-stores.ts'
import { givenMode, modeOf } from '../../support/builders/migration/given-mode.ts'

type AfterStep = (database: Database) => Promise<unknown>

/** Assigns all users to buckets anew at each step. */
const twin: AfterStep = ({ db }) =>
  db.execute(sql`update sync_mode set salt = gen_random_uuid()::text`)
const right: AfterStep = async () => undefined

/** How many users go back from events to HTTP calls, although the percentage only rises. */
const movedOutWith = async (afterStep: AfterStep): Promise<number> => {
  const database = await givenDatabase()
  const subject = givenStores(database, [FIRST, 'http:backend'])
  const users: User[] = []
  while (users.length < 40) users.push(await storedUser(subject))
  let followed = new Set<unknown>()
  let movedOut = 0
  for (const percent of [20, 40, 60, 80]) {
    await givenMode(subject.syncModes, modeOf('canary', percent))
    await afterStep(database)
    await database.db.execute(sql`delete from outbox_deliveries`)
    for (const [index, user] of users.entries())
      users[index] = await updatedUser(subject, user, { isActive: !user.isActive })
    const standing = await database.db.execute(
      sql`select user_id from outbox_deliveries where state = 'standby'`,
    )
    const now = new Set(rowsOf<{ user_id: string }>(standing).map(({ user_id }) => user_id))
    movedOut += [...followed].filter((user) => !now.has(String(user))).length
    followed = now
  }
  expect(followed.size).toBeGreaterThan(15)
  return movedOut
}

// Opened here, because no time limit of a test applies outside the tests.
await givenDatabase()

test('a bucket with a changing salt moves users out while the percentage rises', async () => {
  expect(await movedOutWith(twin)).toBeGreaterThan(0)
}, 20_000)

test('the bucket keeps its users while the percentage rises', async () => {
  expect(await movedOutWith(right)).toBe(0)
}, 20_000)
