import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { EventId } from '../../../../src/domain/shared/ids.ts'
import { storedUser, updatedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'

const database = await givenDatabase()
const subject = givenStores(database)
afterAll(() => database.close())

/** Users whose last change was recorded tomorrow, by a clock that has been set back since. */
const aheadByADay = async (count: number): Promise<readonly User[]> => {
  const users = await Promise.all(Array.from({ length: count }, () => storedUser(subject)))
  return Promise.all(
    users.map(async ({ id }) => {
      await database.db.transaction(async (tx) => {
        await tx.execute(sql`
          update users set version = 2, updated_at = now() + interval '1 day', event_id = gen_random_uuid()
          where id = ${id}::uuid`)
        await tx.execute(sql`
          insert into outbox_events (day, user_id, version, event_id, shard, action, state, changed, occurred_at,
            route_mode, route_epoch)
          select (now() at time zone 'UTC')::date, id, 2, event_id, 0, 'updated', '{}', '{}', updated_at, 'events', 1
          from users where id = ${id}::uuid`)
      })
      const ahead = await subject.stores.users.find(id)
      if (ahead === null) throw new Error('the user is gone')
      return ahead
    }),
  )
}

describe('after the clock was set back, the instant of a change', () => {
  let users: readonly User[]
  beforeAll(async () => {
    users = await aheadByADay(4)
  })

  test('is later than the one before, for each of several profiles that are changed at once', async () => {
    const changed = await Promise.all(
      users.map((user) => updatedUser(subject, user, { displayName: 'New' as DisplayName })),
    )
    expect(changed.map(({ updatedAt }) => updatedAt.getTime())).toEqual(
      users.map(({ updatedAt }) => updatedAt.getTime() + 1),
    )
    users = changed
  })

  test('is later than the one before, for each user whom a rebase raises', async () => {
    const start = await subject.rebases.begin()
    if (start === null) throw new Error('an instance is serving')
    const nextEventId = () => v7() as EventId
    const raised = await subject.rebases.raiseVersions(start, 1_000_000, [], nextEventId)
    expect(raised.ok).toBe(true)
    for (const { id, updatedAt } of users) {
      const after = await subject.stores.users.find(id)
      expect(after?.updatedAt.getTime()).toBe(updatedAt.getTime() + 1)
    }
  })
})
