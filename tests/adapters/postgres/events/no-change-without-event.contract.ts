import { describe, expect, test } from 'bun:test'
import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import {
  announcement,
  storedUser,
  uniqueName,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { refusalOf, refusalOfWork } from '../../../support/builders/database/refused-statement.ts'

/** One id for each version of each user. */
const eventIdOf = (user: SQL, version: SQL): SQL => sql`md5(${user} || (${version})::text)::uuid`

/** What the schema refuses to every role that may write to it, the owner of the tables included. */
export const noChangeWithoutEventContract = (name: string, database: Database): void => {
  const subject = givenStores(database)

  const refused = (...statements: SQL[]) => refusalOf(database, ...statements)
  const find = ({ id }: User) => subject.stores.users.find(id)
  const given = () => storedUser(subject)

  const TODAY = sql`(now() at time zone 'UTC')::date`
  const TOMORROW = sql`(now() at time zone 'UTC')::date + 1`

  const event = (user: string, version: number, action: string, day = TODAY): SQL => sql`
  insert into outbox_events (day, user_id, version, event_id, shard, action, state, changed, occurred_at,
    route_mode, route_epoch)
  values (${day}, ${user}::uuid, ${version}::bigint, ${eventIdOf(sql`${user}::text`, sql`${version}::bigint`)}, 0,
    ${action}::text, '{}', '{}', now(), 'events', 1)`
  const bump = ({ id }: User, by = 1): SQL => sql`
  update users set role = 'admin', version = version + ${by}::bigint,
    event_id = ${eventIdOf(sql`id::text`, sql`version + ${by}::bigint`)}
  where id = ${id}::uuid`
  const raise = ({ id }: User, by = 1_000_000, also = sql``): SQL => sql`
  update users set version = version + ${by}::bigint, updated_at = now(),
    event_id = ${eventIdOf(sql`id::text`, sql`version + ${by}::bigint`)} ${also}
  where id = ${id}::uuid`
  const remove = ({ id }: User): SQL => sql`delete from users where id = ${id}::uuid`
  const insert = (id: string, version = 1): SQL => sql`
  insert into users (id, version, email_verified, username, username_canonical, username_skeleton, role, is_active,
    created_at, updated_at, event_id)
  select ${id}::uuid, ${version}::bigint, false, name, name, name, 'user', true, now(), now(),
    ${eventIdOf(sql`${id}::text`, sql`${version}::bigint`)}
  from (values (${uniqueName()}::text)) as names (name)`

  describe(`a change of a user by direct SQL on ${name}`, () => {
    test('commits with its event in the same transaction', async () => {
      const [user, id] = [await given(), uniqueUserId()]
      expect(await refused(bump(user), event(user.id, 2, 'updated'))).toBeNull()
      expect(await find(user)).toMatchObject({ version: 2, role: 'admin' })
      expect(await refused(event(user.id, 3, 'deleted'), remove(user))).toBeNull()
      expect(await refused(insert(id), event(id, 1, 'created'))).toBeNull()
    })

    test('commits when it adds a million to the version and changes nothing else, with its event', async () => {
      const user = await given()
      expect(await refused(raise(user), event(user.id, 1_000_001, 'updated'))).toBeNull()
      const after = await find(user)
      expect(after).toMatchObject({ version: 1_000_001, role: 'user', email: user.email })
    })

    test('commits in any time zone of its connection, by the UTC day', async () => {
      for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
        const user = await given()
        const there = sql`select set_config('timezone', ${zone}::text, true)`
        expect(await refused(there, bump(user), event(user.id, 2, 'updated'))).toBeNull()
      }
    })

    const refusals: Record<string, [constraint: string, (user: User) => SQL[]]> = {
      'without the next version': ['users_next_version', (user) => [bump(user, 0)]],
      'that skips a version': ['users_next_version', (user) => [bump(user, 2)]],
      'that goes back a version': ['users_next_version', (user) => [bump(user, -1)]],
      'of the id': [
        'users_next_version',
        ({ id }) => [
          sql`update users set id = gen_random_uuid(), version = version + 1 where id = ${id}::uuid`,
        ],
      ],
      'by an upsert without the next version': [
        'users_next_version',
        ({ id }) => [
          sql`insert into users select * from users where id = ${id}::uuid
          on conflict (id) do update set role = 'admin'`,
        ],
      ],
      'without an event': ['users_announced', (user) => [bump(user)]],
      'under the id of another event': [
        'users_announced',
        (user) => [
          sql`update users set version = 2, event_id = gen_random_uuid() where id = ${user.id}::uuid`,
          event(user.id, 2, 'updated'),
        ],
      ],
      'of the id of its event alone': [
        'users_next_version',
        ({ id }) => [sql`update users set event_id = gen_random_uuid() where id = ${id}::uuid`],
      ],
      'that adds a million, without an event': ['users_announced', (user) => [raise(user)]],
      'that adds a million, with the event of the next version': [
        'users_announced',
        (user) => [raise(user), event(user.id, 2, 'updated')],
      ],
      'that adds less than a million': [
        'users_next_version',
        (user) => [raise(user, 999_999), event(user.id, 1_000_000, 'updated')],
      ],
      'that leaps too far': [
        'users_next_version',
        (user) => [raise(user, 1_000_001), event(user.id, 1_000_002, 'updated')],
      ],
      'that leaps and changes something else': [
        'users_next_version',
        (user) => [
          raise(user, 1_000_000, sql`, role = 'admin'`),
          event(user.id, 1_000_001, 'updated'),
        ],
      ],
      'with the event of an older version': [
        'users_announced',
        (user) => [bump(user), bump(user), event(user.id, 2, 'updated')],
      ],
      'with the event of a later version': [
        'users_announced',
        (user) => [bump(user), event(user.id, 3, 'updated')],
      ],
      'with an event of another action': [
        'users_announced',
        (user) => [bump(user), event(user.id, 2, 'deleted')],
      ],
      'with an event of another day': [
        'users_announced',
        (user) => [bump(user), event(user.id, 2, 'updated', TOMORROW)],
      ],
      'with an event of somebody else': [
        'users_announced',
        (user) => [bump(user), event(uniqueUserId(), 2, 'updated')],
      ],
      'whose event was rolled back to a savepoint': [
        'users_announced',
        (user) => [
          bump(user),
          sql`savepoint before`,
          event(user.id, 2, 'updated'),
          sql`rollback to before`,
        ],
      ],
      'by a removal without an event': ['users_announced', (user) => [remove(user)]],
      'by a removal that is announced as an update': [
        'users_announced',
        (user) => [remove(user), event(user.id, 2, 'updated')],
      ],
      'by a removal with the event of another version': [
        'users_announced',
        (user) => [remove(user), event(user.id, 3, 'deleted')],
      ],
      'by truncating users': ['no_truncate', () => [sql`truncate users cascade`]],
    }
    for (const [what, [constraint, statements]] of Object.entries(refusals))
      test(`is refused ${what}`, async () => {
        const user = await given()
        expect(await refused(...statements(user))).toBe(constraint)
        expect(await find(user)).toEqual(user)
      })

    test('is refused with an event that an earlier transaction wrote', async () => {
      const user = await given()
      expect(await refused(event(user.id, 2, 'updated'))).toBeNull()
      expect(await refused(bump(user))).toBe('users_announced')
      expect(await find(user)).toEqual(user)
    })

    test('is refused as an insertion without an event or at another version', async () => {
      const id = uniqueUserId()
      expect(await refused(insert(id))).toBe('users_announced')
      expect(await refused(insert(id), event(id, 1, 'updated'))).toBe('users_announced')
      expect(await refused(insert(id, 2), event(id, 2, 'created'))).toBe('users_next_version')
      expect(await refused(insert(id, 0), event(id, 0, 'created'))).toBe('users_next_version')
    })

    test('that was rolled back to a savepoint needs no event', async () => {
      const user = await given()
      const statements = [sql`savepoint before`, bump(user), sql`rollback to before`]
      expect(await refused(...statements)).toBeNull()
      expect(await find(user)).toEqual(user)
    })

    test('is refused at commit beside a change that was announced', async () => {
      const [announced, forgotten] = [await given(), await given()]
      const statements = [bump(announced), event(announced.id, 2, 'updated'), bump(forgotten)]
      expect(await refused(...statements)).toBe('users_announced')
      expect(await find(announced)).toEqual(announced)
    })

    test('cannot be hidden among the changes of the stores', async () => {
      const [user, other] = [await given(), await given()]
      const work = refusalOfWork(database.db, async (tx) => {
        await givenStores({ ...database, db: tx }).stores.users.remove(other, announcement())
        await tx.execute(bump(user))
      })
      expect(await work).toBe('users_announced')
      expect(await find(other)).toEqual(other)
    })
  })

  describe(`what was recorded on ${name}`, () => {
    const fixed: Record<string, [constraint: string, SQL]> = {
      'an event cannot be rewritten': [
        'no_update',
        sql`update outbox_events set action = 'updated'`,
      ],
      'an event cannot be deleted': ['no_delete', sql`delete from outbox_events`],
      'the ledger cannot be emptied': ['no_truncate', sql`truncate outbox_events`],
      'the mode row cannot be deleted': ['no_delete', sql`delete from sync_mode`],
      'the mode row cannot be truncated away': ['no_truncate', sql`truncate sync_mode`],
      'there is no second mode row': [
        'sync_mode_pkey',
        sql`insert into sync_mode (mode, percent, dual_write, epoch) values ('dual', 0, true, 1)`,
      ],
    }
    for (const [fact, [constraint, statement]] of Object.entries(fixed))
      test(fact, async () => {
        await given()
        expect(await refused(statement)).toBe(constraint)
      })

    test('is later than what was recorded before, though the clock was set back', async () => {
      const user = await given()
      const tomorrow = sql`update users set version = 2, updated_at = now() + interval '1 day',
      event_id = ${eventIdOf(sql`id::text`, sql`2`)} where id = ${user.id}::uuid`
      expect(await refused(tomorrow, event(user.id, 2, 'updated'))).toBeNull()
      const ahead = await find(user)
      if (ahead === null) throw new Error('the user is gone')
      const next = await updatedUser(subject, ahead, { isActive: false })
      expect(next.updatedAt.getTime()).toBe(ahead.updatedAt.getTime() + 1)
      await subject.stores.users.remove(next, announcement())
      // Not by `ledger.read`: any transaction of the server that is open holds that back for a moment.
      const answer = await database.db.execute(sql`
      select floor(extract(epoch from occurred_at) * 1000) as at from outbox_events
      where user_id = ${user.id}::uuid and action = 'deleted'`)
      const deletions = rowsOf<{ at: unknown }>(answer).map(({ at }) => Number(at))
      expect(deletions).toEqual([next.updatedAt.getTime() + 1])
    })

    test('carries the mode and epoch that it was routed by', async () => {
      const before = await given()
      await database.db.execute(sql`update sync_mode set mode = 'dual', epoch = epoch + 1`)
      const after = await given()
      const answer = await database.db.execute(sql`
      select route_mode, route_epoch::integer as epoch from outbox_events
      where user_id in (${before.id}::uuid, ${after.id}::uuid) order by position`)
      expect([...rowsOf(answer)]).toEqual([
        { route_mode: 'events', epoch: 1 },
        { route_mode: 'dual', epoch: 2 },
      ])
    })
  })
}
