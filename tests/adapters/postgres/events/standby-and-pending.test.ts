import { afterAll, expect, test } from 'bun:test'
import { storedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { FIRST, givenStores } from '../../../support/builders/database/given-stores.ts'
import { ALL_SHARDS } from '../../../support/builders/events/given-events.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'

const database = await givenDatabase()
afterAll(() => database.close())

const BACKEND = 'http:backend'
const subject = givenStores(database, [FIRST, BACKEND])

test('of calls that are pending and calls that stood by, the oldest are due first', async () => {
  const { syncModes, deliveries } = subject
  await syncModes.noteDeployment({ hasReceiver: true, channels: [FIRST, BACKEND] })
  await givenMode(syncModes, modeOf('dual'))
  const called = await storedUser(subject)
  await givenMode(syncModes, modeOf('canary', 100))
  const stoodBy = await storedUser(subject)
  await syncModes.arm()
  const due = async (limit: number) =>
    (
      await deliveries.due({
        channel: BACKEND,
        shards: ALL_SHARDS,
        except: [],
        limit,
        now: new Date(),
      })
    ).map(({ event }) => event.userId)
  expect(await due(10)).toEqual([called.id, stoodBy.id])
  expect(await due(1)).toEqual([called.id])
})
