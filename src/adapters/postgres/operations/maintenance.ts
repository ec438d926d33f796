import type { SQL } from 'drizzle-orm'
import { and, lt, or, sql } from 'drizzle-orm'
import { LEDGER_DAYS } from '../../../domain/events/user-event.ts'
import { secondsAfter } from '../../../domain/shared/instants.ts'
import type { Maintenance } from '../../../ports/driven/operations/maintenance.ts'
import { IDEMPOTENCY_KEY_LIFETIME_SECONDS } from '../accounts/idempotency-keys.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { idempotencyKeys, sessions } from '../driver/tables.ts'

const DAY_SECONDS = 24 * 3600

/** The housekeeping of one database. */
export const makeMaintenance = ({ db }: Database): Maintenance => ({
  keepPartitions: async (now) => {
    const today = utcDay(now)
    const kept = utcDay(secondsAfter(now, -LEDGER_DAYS * DAY_SECONDS))
    // Two statements: when the drop does not get its lock, the new partitions are there nevertheless.
    await attempt(db.execute(sql`select make_ledger_partitions(${today}::text::date)`))
    await attempt(db.execute(sql`select drop_ledger_partitions(${kept}::text::date)`))
  },
  removeDeadSessions: async (now) => {
    const since = secondsAfter(now, -DAY_SECONDS)
    const removed = await attempt(
      db
        .delete(sessions)
        .where(or(lt(sessions.endedAt, since), idleEndedBefore(since)))
        .returning({ id: sessions.id }),
    )
    return removed.length
  },
  removeIdempotencyKeys: async (now) => {
    const since = secondsAfter(now, -IDEMPOTENCY_KEY_LIFETIME_SECONDS)
    const removed = await attempt(
      db
        .delete(idempotencyKeys)
        .where(lt(idempotencyKeys.claimedAt, since))
        .returning({ keyMac: idempotencyKeys.keyMac }),
    )
    return removed.length
  },
})

// The day is indexed. The instant is not, because each refresh changes it.
const idleEndedBefore = (since: Date): SQL | undefined =>
  and(sql`idle_end_day <= ${utcDay(since)}::text::date`, lt(sessions.idleExpiresAt, since))

const utcDay = (instant: Date): string => instant.toISOString().slice(0, 10)
