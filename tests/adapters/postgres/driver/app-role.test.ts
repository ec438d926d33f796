import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { attempt, StatementFault } from '../../../../src/adapters/postgres/driver/faults.ts'
import { schemaState } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import type { EventId } from '../../../../src/domain/shared/ids.ts'
import { storedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { withSql } from '../../../support/servers/postgres/given-postgres.ts'
import type { GivenRoles } from '../../../support/servers/postgres/given-roles.ts'
import { givenRolesOfEachVersion, grantTo } from '../../../support/servers/postgres/given-roles.ts'

const INSUFFICIENT_PRIVILEGE = '42501'

/** The SQLSTATE of the refusal; null when the statement succeeded. */
const refusal = async ({ app }: GivenRoles, statement: string): Promise<string | null> => {
  try {
    await attempt(app.db.execute(sql.raw(statement)))
    return null
  } catch (fault) {
    if (fault instanceof StatementFault) return fault.code
    throw fault
  }
}

// `{partition}` is the present day's.
const FORBIDDEN: Readonly<Record<string, string>> = {
  'rewrite the audit trail': "update audit_log set result = 'ok'",
  'delete from the audit trail': 'delete from audit_log',
  'empty the audit trail': 'truncate audit_log',
  'rewrite the ledger': "update outbox_events set action = 'deleted'",
  'delete from the ledger': 'delete from outbox_events',
  'empty the ledger': 'truncate outbox_events',
  'write past the ledger into a partition': "update outbox_events_{day} set action = 'deleted'",
  'drop a partition by itself': 'drop table outbox_events_{day}',
  'make a partition by itself': "select make_day_partition('outbox_events', '2001-01-01')",
  'empty the users': 'truncate users cascade',
  'empty the deliveries': 'truncate outbox_deliveries',
  'switch a trigger off': 'alter table users disable trigger users_announced',
  'drop a trigger': 'drop trigger users_announced on users',
  'replace a trigger function':
    "create or replace function demand_user_event() returns trigger language plpgsql as 'begin return null; end'",
  'make triggers not fire': 'set session_replication_role = replica',
  'make a table': 'create table loot (id integer)',
  'drop a table': 'drop table users cascade',
  'make a function': "create function public.f() returns integer language sql as 'select 1'",
  'rewrite the history of the schema': 'delete from schema_migrations',
  'remove the mode row': 'delete from sync_mode',
  'make a role': 'create role accomplice superuser',
}

for (const given of await givenRolesOfEachVersion()) {
  const subject = givenStores(given.app)
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const partitions = async (table: string): Promise<string[]> =>
    rowsOf<{ name: string }>(
      await given.owner.db.execute(sql`
        select inhrelid::regclass::text as name from pg_inherits
        where inhparent = ${table}::text::regclass order by 1`),
    ).map(({ name }) => name)

  describe(`the service's role on PostgreSQL ${given.major}`, () => {
    for (const [deed, statement] of Object.entries(FORBIDDEN))
      test(`cannot ${deed} [LE5]`, async () => {
        await storedUser(subject)
        expect(await refusal(given, statement.replace('{day}', day))).toBe(INSUFFICIENT_PRIVILEGE)
      })

    test('creates and drops partitions through the functions for it', async () => {
      await given.owner.db.execute(
        sql.raw(`select make_day_partition('outbox_events', '2001-01-01');
          drop table outbox_events_${nextWeek()}`),
      )
      await subject.maintenance.keepPartitions(new Date())
      expect(await partitions('outbox_events')).not.toContain('outbox_events_20010101')
      expect(await partitions('outbox_events')).toContain(`outbox_events_${nextWeek()}`)
    })

    test('makes the partition of this day when a change finds none [PR3]', async () => {
      for (const table of ['outbox_events', 'outbox_acks'])
        await given.owner.db.execute(sql.raw(`drop table ${table}_${day} cascade`))
      const changes = await Promise.all(Array.from({ length: 8 }, () => storedUser(subject)))
      expect(changes.map(({ version }) => version)).toEqual(changes.map(() => 1))
      expect(await partitions('outbox_events')).toContain(`outbox_events_${day}`)
    })

    test('may rebase the events, and is refused while an instance holds a lease [PR2]', async () => {
      const nextEventId = () => crypto.randomUUID() as EventId
      const { id } = await storedUser(subject)
      const start = await subject.rebases.begin()
      if (start === null) throw new Error('an instance is serving')
      const rebase = () => subject.rebases.raiseVersions(start, 1_000_000, [], nextEventId)
      await subject.leases.keep('an instance')
      expect(await rebase()).toMatchObject({ ok: false })
      await subject.leases.leave('an instance')
      expect(await rebase()).toMatchObject({ ok: true })
      expect((await subject.stores.users.find(id))?.version).toBe(1_000_001)
    })

    test('can read the version of the schema', async () => {
      expect(await schemaState(given.app)).toBe('current')
    })

    test('has exactly the granted rights after the file ran again over other rights', async () => {
      await withSql(given.ownerUrl, (sql) =>
        sql.unsafe(`grant all on all tables in schema public to ${given.appRole}`),
      )
      expect(await refusal(given, 'truncate outbox_deliveries')).toBeNull()
      await grantTo(given.appRole, given.ownerUrl)
      expect(await refusal(given, 'truncate outbox_deliveries')).toBe(INSUFFICIENT_PRIVILEGE)
      expect((await storedUser(subject)).version).toBe(1)
    })

    test('owns nothing, and every other role may do nothing', async () => {
      const answer = await given.owner.db.execute(sql`
        select count(*) filter (where relowner = ${given.appRole}::text::regrole) as owned,
          count(*) filter (where has_table_privilege('public', oid, 'select, insert, update, delete')) as open
        from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`)
      expect(rowsOf(answer)[0]).toEqual({ owned: '0', open: '0' })
    })
  })
}

const nextWeek = (): string =>
  new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
