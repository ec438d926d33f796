import { sql } from 'drizzle-orm'
import { LEASE_SECONDS } from '../../../domain/events/shard-lease.ts'
import { SHARDS } from '../../../domain/events/user-event.ts'
import type { LeaseHolding, Leases } from '../../../ports/driven/events/leases.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import type { Row } from '../driver/rows.ts'
import { elements, rowsOf } from '../driver/rows.ts'

type LeaseColumns = Readonly<
  Record<'shard' | 'epoch' | 'instances' | 'next_lapse_seconds', unknown>
>

/** Leases in the database that holds the outbox. */
export const makeLeases = ({ db }: Database): Leases => ({
  keep: async (instance) =>
    holdingOf(rowsOf<LeaseColumns>(await attempt(db.execute(keep(instance))))),
  handBack: async (instance, shards) => {
    await attempt(
      db.execute(sql`
        update relay_leases set owner = null, expires_at = '-infinity'
        where owner = ${instance}::text and shard::text in (${elements(shards)})`),
    )
  },
  leave: async (instance) => {
    await attempt(
      db.execute(sql`
        with left_shards as (
          update relay_leases set owner = null, expires_at = '-infinity' where owner = ${instance}::text
        )
        delete from relay_instances where instance = ${instance}::text`),
    )
  },
})

const END = sql`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}::integer)`

/** One row for each shard held, and always at least one row, so that the counts come with it. */
const keep = (instance: string) => sql`
  with me as (
    insert into relay_instances (instance, expires_at) values (${instance}::text, ${END})
    on conflict (instance) do update set expires_at = excluded.expires_at
    returning 1
  ),
  gone as (
    delete from relay_instances where expires_at < clock_timestamp() - interval '1 minute'
  ),
  living as (
    select count(*) + (select count(*) from me) as instances from relay_instances
    where instance <> ${instance}::text and expires_at > clock_timestamp()
  ),
  renewed as (
    update relay_leases set expires_at = ${END}
    where owner = ${instance}::text and expires_at > clock_timestamp()
    returning shard, epoch
  ),
  taken as (
    update relay_leases set owner = ${instance}::text, epoch = relay_leases.epoch + 1, expires_at = ${END}
    from (
      select shard from relay_leases where owner is null or expires_at <= clock_timestamp()
      order by shard
      limit greatest(0, ceil(${SHARDS}::numeric / (select instances from living)) - (select count(*) from renewed))
      for update skip locked
    ) free
    where relay_leases.shard = free.shard
    returning relay_leases.shard, relay_leases.epoch
  ),
  others as (
    select extract(epoch from min(expires_at) - clock_timestamp()) as next_lapse_seconds from relay_leases
    where owner <> ${instance}::text and expires_at > clock_timestamp()
  )
  select held.shard, held.epoch, living.instances, others.next_lapse_seconds
  from living cross join others
  left join (select * from renewed union all select * from taken) held on true`

const holdingOf = (rows: readonly (Row & LeaseColumns)[]): LeaseHolding => {
  const [first] = rows
  const nextLapse = first?.next_lapse_seconds ?? null
  return {
    held: rows
      .filter(({ shard }) => shard !== null)
      .map(({ shard, epoch }) => ({ shard: Number(shard), epoch: Number(epoch) })),
    instances: Number(first?.instances ?? 1),
    nextLapseSeconds: nextLapse === null ? null : Number(nextLapse),
  }
}
