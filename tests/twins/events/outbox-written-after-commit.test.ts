import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { ok } from '../../../src/domain/shared/result.ts'
import {
  announcement,
  formsOf,
  stateOf,
  uniqueUserId,
} from '../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { FIRST, givenStores } from '../../support/builders/database/given-stores.ts'
import { everythingDue } from '../../support/builders/events/given-events.ts'

const USERS = 20

/** Registers users while the process dies right after every second commit; answers what will be delivered. */
const deliveredOf = async (register: () => Promise<void>, due: () => Promise<unknown[]>) => {
  for (let user = 0; user < USERS; user += 1) await register().catch(() => undefined)
  return (await due()).length
}
const died = (user: number): void => {
  if (user % 2 === 1) throw new Error('the process died')
}

/** Saves a user first, and writes the outbox when that is done. */
const twin = async () => {
  const database = await givenDatabase()
  // Nothing else would let it pass.
  await database.db.execute(sql`alter table users disable trigger users_announced`)
  const outbox: string[] = []
  let user = 0
  const register = async () => {
    const id = uniqueUserId()
    await database.db.execute(sql`
      insert into users (id, version, email_verified, username, username_canonical, username_skeleton, role,
        is_active, created_at, updated_at, event_id)
      select id, 1, false, id, id, id, 'user', true, now(), now(), id from (values (${id}::uuid)) as ids (id)`)
    user += 1
    died(user)
    outbox.push(id)
  }
  return { register, due: async () => outbox, close: database.close }
}

const house = async () => {
  const database = await givenDatabase()
  const subject = givenStores(database)
  let user = 0
  const register = async () => {
    const state = stateOf()
    await subject.transact(async ({ users }) => {
      const forms = formsOf(state.username)
      const saved = await users.insert(uniqueUserId(), state, forms, announcement())
      return saved.ok ? ok(null) : saved
    })
    user += 1
    died(user)
  }
  return {
    register,
    due: () => subject.deliveries.due(everythingDue(FIRST)),
    close: database.close,
  }
}

test('an outbox that is written after the commit loses each event whose process dies between', async () => {
  const { register, due, close } = await twin()
  expect(await deliveredOf(register, due)).toBe(USERS / 2)
  await close()
}, 60_000)

test('an outbox that is written with the change loses none', async () => {
  const { register, due, close } = await house()
  expect(await deliveredOf(register, due)).toBe(USERS)
  await close()
}, 60_000)
