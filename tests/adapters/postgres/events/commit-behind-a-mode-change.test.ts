import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { storedUser, updatedUser } from '../../../support/builders/accounts/stored-users.ts'
import { FIRST, givenStores } from '../../../support/builders/database/given-stores.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'

const WAITERS = sql`
  select pid from pg_locks where not granted and relation = 'sync_mode'::regclass
    and database = (select oid from pg_database where datname = current_database())`

// A change of the mode enqueues old versions. The statement of a change takes its snapshot after it got the lock of the
// table, so it sees them. If it took the snapshot first, the relay would send its version before the old ones.
for (const { major, app } of await givenRolesOfEachVersion())
  test(`a commit on PostgreSQL ${major} that waited for a change of the mode knows what that enqueued`, async () => {
    const subject = givenStores(app, [FIRST])
    await givenMode(subject.syncModes, modeOf('events'))
    const user = await storedUser(subject)
    const row = sql`user_id = ${user.id}::uuid and version = 1`
    await app.db.execute(sql`update outbox_deliveries set state = 'parked' where ${row}`)
    const before = subject.committed.length
    // The first run prepares the statement, as in a service that has run for a while.
    const second = await updatedUser(subject, user, { isActive: false })
    expect(subject.committed[before]?.pending).toEqual([{ channel: FIRST, isFirst: true }])
    await app.db.execute(
      sql`update outbox_deliveries set state = 'parked' where user_id = ${user.id}::uuid`,
    )
    const { promise: waits, resolve: begin } = Promise.withResolvers<void>()
    const changing = app.db.transaction(async (tx) => {
      await tx.execute(sql`lock table sync_mode in exclusive mode`)
      begin()
      await eventually('the statement to wait for the lock', 10, async () =>
        expect(rowsOf(await tx.execute(WAITERS))).toHaveLength(1),
      )
      await tx.execute(sql`update outbox_deliveries set state = 'pending' where ${row}`)
    })
    await waits
    await updatedUser(subject, second, { isActive: true })
    await changing
    expect(subject.committed[before + 1]?.pending).toEqual([{ channel: FIRST, isFirst: false }])
  }, 30_000)
