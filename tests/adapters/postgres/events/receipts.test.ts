import { afterAll, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import {
  NOON,
  noonPlus,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { FIRST, givenStores } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'

const database = await givenDatabase()
afterAll(() => database.close())

const BACKEND = 'http:backend'
const subject = givenStores(database, [FIRST, BACKEND])

// Nobody has received the versions that a newer one replaced, so they are no duplicates of anything.
test('only the version that was sent is recorded as one that its receiver had already', async () => {
  await givenMode(subject.syncModes, modeOf('dual'))
  const user = await storedUser(subject)
  await updatedUser(subject, user, { isActive: false })
  const due = await subject.deliveries.due({
    channel: BACKEND,
    shards: ALL_SHARDS,
    except: [],
    limit: 10,
    now: noonPlus(1e9),
  })
  expect(due.map(({ event }) => event.version)).toEqual([1, 2])
  const receipt = { stream: null, sequence: null, duplicate: true }
  await subject.deliveries.acknowledge(
    due.slice(-1).map((delivery) => ({ delivery, receipt, at: NOON })),
  )
  const answer = await database.db.execute(sql`
    select version::integer, outcome, duplicate, attempts from outbox_acks
    where user_id = ${user.id}::uuid order by version`)
  expect(rowsOf(answer)).toEqual([
    { version: 1, outcome: 'superseded', duplicate: false, attempts: 0 },
    { version: 2, outcome: 'delivered', duplicate: true, attempts: 1 },
  ])
})
