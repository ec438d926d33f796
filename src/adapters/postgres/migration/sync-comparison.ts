import { createHash } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import { SHARDS, shardOf } from '../../../domain/events/user-event.ts'
import type { HeldUser } from '../../../domain/migration/state-digest.ts'
import { digestLine } from '../../../domain/migration/state-digest.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { SyncComparison } from '../../../ports/driven/migration/sync-comparison.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { array, rowsOf } from '../driver/rows.ts'

/** The comparison in one database. */
export const makeSyncComparison = ({ db }: Database): SyncComparison => {
  const run = async <Columns>(statement: SQL) =>
    rowsOf<Columns>(await attempt(db.execute(statement)))
  const count = async (statement: SQL) =>
    Number((await run<{ readonly count: unknown }>(statement))[0]?.count)

  async function* allUsers(): AsyncGenerator<HeldUser> {
    let after = '00000000-0000-0000-0000-000000000000'
    for (;;) {
      const rows = await run<UserColumns>(page(after))
      yield* rows.map(({ id, version }) => ({ userId: id, version: Number(version) }))
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.id
    }
  }

  return {
    onlyOn: (done, other) => count(onlyOn(done, other)),
    orderViolations: (channel) => count(violations(channel)),
    digest: async () => {
      const shards = Array.from({ length: SHARDS }, () => ({
        users: 0,
        hash: createHash('sha256'),
      }))
      for await (const user of allUsers()) {
        const held = shards[shardOf(user.userId)]
        if (held === undefined) continue
        held.users += 1
        held.hash.update(digestLine(user))
      }
      return shards.map(({ users, hash }, shard) => ({ shard, users, sha256: hash.digest('hex') }))
    },
    users: async (shard) => {
      const held: HeldUser[] = []
      for await (const user of allUsers()) if (shardOf(user.userId) === shard) held.push(user)
      return held
    },
    underWay: async (users) =>
      new Set((await run<PendingColumns>(pendingOf(users))).map((row) => row.user_id)),
  }
}

type UserColumns = { readonly id: UserId; readonly version: unknown }
type PendingColumns = { readonly user_id: UserId }

const PAGE = 5000

const page = (after: string): SQL => sql`
  select id, version from users where id > ${after}::uuid order by id limit ${PAGE}::integer`

const pendingOf = (users: readonly UserId[]): SQL => sql`
  select distinct user_id from outbox_deliveries where user_id = any (${array(users)}::uuid[])`

// What a channel has not delivered is pending, parked or discarded. These are few, so the ledger need not be read.
const onlyOn = (done: Channel, other: Channel): SQL => sql`
  with lacking as (
    select pending.user_id, pending.version, pending.day from outbox_deliveries pending
    join outbox_events event on event.user_id = pending.user_id and event.version = pending.version and event.day = pending.day
    where pending.channel = ${other}::text and pending.state <> 'standby' and pending.replay_id is null
      and event.occurred_at < clock_timestamp() - interval '5 seconds'
    union all
    select user_id, version, day from outbox_acks where channel = ${other}::text and outcome = 'discarded'
  )
  select count(*) from lacking join outbox_acks ack using (user_id, version, day)
  where ack.channel = ${done}::text and ack.outcome <> 'discarded'`

// A broker numbers the messages that it stores. Of HTTP calls only the times of their answers are known, by the clocks of several
// instances, so a second of tolerance is left.
const violations = (channel: Channel): SQL => sql`
  with latest as (
    select user_id, version, sequence, acked_at from outbox_acks
    where channel = ${channel}::text and outcome = 'delivered' and not replayed
    order by acked_at desc limit 10000
  ),
  pairs as (
    select sequence, acked_at,
      lag(sequence) over each_user as sequence_before, lag(acked_at) over each_user as acked_before
    from latest window each_user as (partition by user_id order by version)
  )
  select count(*) from pairs
  where case when sequence is null then acked_at < acked_before - interval '1 second' else sequence < sequence_before end`
