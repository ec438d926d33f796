import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database } from '../../../src/adapters/postgres/driver/database.ts'
import type { Channel } from '../../../src/domain/events/user-event.ts'
import { NOON, storedUser, updatedUser } from '../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import type { StoresUnderTest } from '../../support/builders/database/given-stores.ts'
import { FIRST, givenStores } from '../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../support/builders/migration/given-mode.ts'

const HTTP: Channel = 'http:backend'

type Fallback = (subject: StoresUnderTest, database: Database) => Promise<unknown>

/** Replaces the channel: what is sent as an HTTP call is no longer enqueued for the broker. */
const twin: Fallback = async ({ syncModes }, { db }) => {
  await syncModes.arm()
  await db.execute(sql`delete from outbox_deliveries where channel = ${FIRST}::text`)
}
const right: Fallback = ({ syncModes }) => syncModes.arm()

/** The versions that the HTTP calls carry, and those that the broker gets when it is back. */
const toldBy = async (fallBack: Fallback) => {
  const database = await givenDatabase()
  const subject = givenStores(database, [FIRST, HTTP])
  await subject.syncModes.noteDeployment({ hasReceiver: true, channels: [FIRST, HTTP] })
  await givenMode(subject.syncModes, modeOf('events'))
  const user = await storedUser(subject)
  await updatedUser(subject, user, { isActive: false })
  await fallBack(subject, database)
  const versions = async (channel: Channel) => {
    const query = { channel, shards: ALL_SHARDS, except: [], limit: 10, now: NOON }
    return (await subject.deliveries.due(query)).map(({ event }) => event.version)
  }
  return { calls: await versions(HTTP), events: await versions(FIRST) }
}

// Opened here, because no time limit of a test applies outside the tests.
await givenDatabase()

test('a fallback that replaces events leaves all consumers but Backend without them', async () => {
  expect(await toldBy(twin)).toEqual({ calls: [1, 2], events: [] })
})

test('the fallback adds calls, and events wait in order', async () => {
  expect(await toldBy(right)).toEqual({ calls: [1, 2], events: [1, 2] })
})
