import { afterAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { EventId } from '../../../../src/domain/shared/ids.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import {
  announcement,
  registrationOf,
  storedUser,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { FIRST, givenStores, SECOND } from '../../../support/builders/database/given-stores.ts'
import { everythingDue } from '../../../support/builders/events/given-events.ts'

const database = await givenDatabase()
const subject = givenStores(database)
afterAll(() => database.close())

const nextEventId = () => crypto.randomUUID() as EventId
const DAY_MS = 86_400_000
const utcDay = (days: number) =>
  new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS)

const partitionsOf = async (table: string): Promise<string[]> =>
  rowsOf<{ name: string }>(
    await database.db.execute(sql`
      select inhrelid::regclass::text as name from pg_inherits
      where inhparent = ${table}::text::regclass order by 1`),
  ).map(({ name }) => name.slice(-8))

/** A partition of a past day with one event in it. */
const givenPast = async (days: number): Promise<string> => {
  const day = utcDay(-days)
  const id = uniqueUserId()
  for (const table of ['outbox_events', 'outbox_acks'])
    await database.db.execute(
      sql`select make_day_partition(${table}::text, to_date(${day}::text, 'YYYYMMDD'))`,
    )
  await database.db.execute(sql`
    insert into outbox_events (day, user_id, version, event_id, shard, action, state, changed, occurred_at,
      route_mode, route_epoch)
    values (to_date(${day}::text, 'YYYYMMDD'), ${id}::uuid, 1, gen_random_uuid(), 0, 'created', '{}', '{}', now(),
      'events', 1)`)
  return day
}
const addDelivery = (day: string) =>
  database.db.execute(sql`
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
    select user_id, version, ${FIRST}::text, event_id, day, shard, position from outbox_events
    where day = to_date(${day}::text, 'YYYYMMDD')`)

describe("the ledger's partitions", () => {
  test('reach from today to seven days ahead after the first migration', async () => {
    const week = Array.from({ length: 8 }, (_, days) => utcDay(days))
    expect(await partitionsOf('outbox_events')).toEqual(week)
    expect(await partitionsOf('outbox_acks')).toEqual(week)
  })

  test('are made for the given day and for the real one', async () => {
    await database.db.execute(sql.raw(`drop table outbox_events_${utcDay(6)}`))
    await subject.maintenance.keepPartitions(daysFromNow(300))
    const days = await partitionsOf('outbox_events')
    expect(days).toContain(utcDay(300))
    expect(days).toContain(utcDay(307))
    expect(days).toContain(utcDay(6))
  })

  test('are dropped when older than 14 days, with their acknowledgements', async () => {
    const [fresh, old] = [await givenPast(14), await givenPast(15)]
    await subject.maintenance.keepPartitions(new Date())
    for (const table of ['outbox_events', 'outbox_acks']) {
      const days = await partitionsOf(table)
      expect(days).toContain(fresh)
      expect(days).not.toContain(old)
    }
  })

  test('are kept while anything in them is undelivered', async () => {
    const [undelivered, old] = [await givenPast(20), await givenPast(21)]
    await addDelivery(undelivered)
    await subject.maintenance.keepPartitions(new Date())
    expect(await partitionsOf('outbox_events')).toContain(undelivered)
    expect(await partitionsOf('outbox_acks')).toContain(undelivered)
    expect(await partitionsOf('outbox_events')).not.toContain(old)
    await database.db.execute(sql`update outbox_deliveries set state = 'parked'`)
    await subject.maintenance.keepPartitions(new Date())
    expect(await partitionsOf('outbox_events')).toContain(undelivered)
    await database.db.execute(sql`delete from outbox_deliveries`)
    await subject.maintenance.keepPartitions(new Date())
    expect(await partitionsOf('outbox_events')).not.toContain(undelivered)
  })

  test('are not dropped early by a clock that runs ahead', async () => {
    const user = await storedUser(subject)
    for (const channel of [FIRST, SECOND]) {
      const due = await subject.deliveries.due(everythingDue(channel))
      const receipt = { stream: 'S', sequence: 1, duplicate: false }
      await subject.deliveries.acknowledge(
        due.map((delivery) => ({ delivery, receipt, at: new Date() })),
      )
    }
    await subject.maintenance.keepPartitions(daysFromNow(400))
    const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
    expect(page?.entries).toHaveLength(1)
  })

  test('are kept a day longer by a clock that runs a day behind', async () => {
    const old = await givenPast(15)
    await subject.maintenance.keepPartitions(daysFromNow(-1))
    expect(await partitionsOf('outbox_events')).toContain(old)
    await subject.maintenance.keepPartitions(daysFromNow(0))
    expect(await partitionsOf('outbox_events')).not.toContain(old)
  })

  /** As a clock does that jumps to a day for which nothing has been prepared. */
  const withoutPartition = async () => {
    for (const table of ['outbox_events', 'outbox_acks'])
      await database.db.execute(sql.raw(`drop table if exists ${table}_${utcDay(0)} cascade`))
  }
  test.each([
    ['a new user', async () => (await storedUser(subject)).version, 1],
    [
      'a registration',
      async () => (await subject.stores.registrations.register(registrationOf())).ok,
      true,
    ],
    [
      'a rebase',
      async () => {
        const start = await subject.rebases.begin()
        return start && (await subject.rebases.raiseVersions(start, 1_000_000, [], nextEventId)).ok
      },
      true,
    ],
  ] as const)(
    'that are missing are made when %s meets it, and the change succeeds [PR3]',
    async (_, change, answer) => {
      await storedUser(subject)
      await withoutPartition()
      expect(await change()).toBe(answer)
      for (const table of ['outbox_events', 'outbox_acks'])
        expect(await partitionsOf(table)).toContain(utcDay(0))
    },
  )

  test('that are missing are made when a change of a user meets it, in a transaction or not [PR3]', async () => {
    const user = await storedUser(subject)
    await withoutPartition()
    const updated = await updatedUser(subject, user, { isActive: false })
    await withoutPartition()
    const again = await subject.transact(async (stores) =>
      ok((await updatedUser({ stores }, updated, { isActive: true })).version),
    )
    expect(again).toEqual(ok(3))
    await withoutPartition()
    const last = await subject.stores.users.find(user.id)
    if (last === null) throw new Error('the user is gone')
    expect(await subject.stores.users.remove(last, announcement())).toEqual(ok(null))
  })

  test('that are missing are made when several changes of profiles meet it at once [PR3]', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => storedUser(subject)))
    await withoutPartition()
    const changed = await Promise.all(
      users.map((user) => updatedUser(subject, user, { displayName: 'New' as DisplayName })),
    )
    expect(changed.map(({ version }) => version)).toEqual([2, 2, 2, 2])
    expect(await partitionsOf('outbox_events')).toContain(utcDay(0))
  })

  test('that are missing and cannot be made are a temporary fault with its reason [PR3]', async () => {
    await withoutPartition()
    await database.db.execute(
      sql`alter function make_ledger_partitions(date) rename to not_allowed`,
    )
    try {
      const fault = await storedUser(subject).catch((error: unknown) => error)
      expect(fault).toBeInstanceOf(Unavailable)
      expect(String(fault)).toContain('no partition')
      expect(String(Object(fault).cause)).toContain('42883')
      const inTransaction = subject.transact(async (stores) => ok(await storedUser({ stores })))
      expect(await inTransaction.catch((error: unknown) => error)).toBeInstanceOf(Unavailable)
    } finally {
      await database.db.execute(
        sql`alter function not_allowed(date) rename to make_ledger_partitions`,
      )
    }
    expect((await storedUser(subject)).version).toBe(1)
  })

  test('that are attached later guard their rows too', async () => {
    const day = await givenPast(3)
    const rewrite = database.db.execute(
      sql`update ${sql.raw(`outbox_events_${day}`)} set action = 'deleted'`,
    )
    expect(await rewrite.then(() => 'rewritten').catch(() => 'refused')).toBe('refused')
  })

  test('are made by functions that a search path cannot mislead', async () => {
    const rows = rowsOf<{ config: string[] }>(
      await database.db.execute(sql`
        select proconfig as config from pg_proc
        where proname in ('make_ledger_partitions', 'drop_ledger_partitions') and prosecdef`),
    )
    expect(rows).toHaveLength(2)
    for (const { config } of rows) {
      expect(config).toContain('search_path=pg_catalog, pg_temp')
      expect(config).toContain('lock_timeout=1s')
    }
  })
})
