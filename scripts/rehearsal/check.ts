import { complaintsAbout } from '../../tests/support/builders/stream-history.ts'
import { handledTwice, newestHandled } from './consumer-log.ts'
import type { Asked } from './load.ts'
import { readStream } from './read-stream.ts'
import type { Stage } from './stage.ts'

/** One thing that must hold, what was found, and whether it held. */
export type Checked = { readonly what: string; readonly found: string; readonly holds: boolean }

const SETTLE_SECONDS = 45
const CONSUMERS = ['social', 'chat'] as const

/** Looks at everything from outside once it is quiet: the stream, the databases, what the consumers say. */
export const check = async (
  stage: Stage,
  asked: readonly Asked[],
  beganAt: Date,
): Promise<readonly Checked[]> => {
  await quiet(stage)
  return [
    requests(asked, beganAt.getTime()),
    await nothingLost(stage, asked),
    await nothingOwed(stage),
    await backendIsEqual(stage),
    ...(await streamIsWhole(stage)),
    ...(await Promise.all(CONSUMERS.map((name) => caughtUp(stage, name)))),
    ...[...CONSUMERS, 'backend'].map((name) => oncePerChange(stage, name)),
    await membershipOnlyGrows(stage),
  ]
}

const none = (what: string, count: number, of: string): Checked => ({
  ...{ what, holds: count === 0 },
  found: `${count} of ${of}`,
})

/** Until nothing is owed and the consumers stand where the service does, or for long enough. */
const quiet = async (stage: Stage): Promise<void> => {
  const until = Date.now() + SETTLE_SECONDS * 1000
  while (Date.now() < until) {
    const settled = await Promise.all([
      nothingOwed(stage),
      backendIsEqual(stage),
      ...CONSUMERS.map((name) => caughtUp(stage, name)),
    ]).catch(() => [])
    if (settled.length > 0 && settled.every(({ holds }) => holds)) return
    await Bun.sleep(250)
  }
}

const requests = (asked: readonly Asked[], beganAt: number): Checked => {
  const failed = asked.filter(({ status }) => status !== 200)
  const kinds = [...new Set(failed.map(({ status }) => status || 'no answer'))]
  const seconds = failed.map(({ at }) => Math.round((at - beganAt) / 1000))
  const when = `from ${Math.min(...seconds)} s to ${Math.max(...seconds)} s`
  const why = kinds.length === 0 ? '' : ` (${kinds.join(', ')}; ${when})`
  return none('failed requests', failed.length, `${asked.length}${why}`)
}

const nothingLost = async ({ site }: Stage, asked: readonly Asked[]): Promise<Checked> => {
  const rows = await site.sql`select user_id || ' ' || version as change from outbox_events`
  const ledger = new Set(rows.map(({ change }) => String(change)))
  const accepted = asked.filter(({ version }) => version !== null)
  const lost = accepted.filter(({ userId, version }) => !ledger.has(`${userId} ${version}`))
  return none(
    'accepted changes without an event in the ledger',
    lost.length,
    String(accepted.length),
  )
}

const nothingOwed = async ({ site }: Stage): Promise<Checked> => {
  const [row] = await site.sql`
    select (select count(*)::integer from outbox_deliveries where state <> 'standby') as owed,
      (select string_agg(distinct channel, ', ') from outbox_deliveries where state <> 'standby') as channels,
      (select count(*)::integer from outbox_events) as events`
  const where = row?.['channels'] ? ` (${row['channels']})` : ''
  return none('events not delivered yet', Number(row?.['owed']), `${row?.['events']}${where}`)
}

const backendIsEqual = async ({ site, members }: Stage): Promise<Checked> => {
  const ours = await site.sql`select id::text || ' ' || version as held from users order by id`
  const theirs = await members`
    select user_id || ' ' || version as held from members where not is_deleted`
  const there = new Set(theirs.map(({ held }) => String(held)))
  const differ = ours.filter(({ held }) => !there.has(String(held))).length
  const strangers = Math.max(0, theirs.length - ours.length)
  return none(
    'users whom Backend lacks or holds with another version',
    differ + strangers,
    String(ours.length),
  )
}

const streamIsWhole = async ({ site }: Stage): Promise<readonly Checked[]> => {
  const history = await readStream(site.nats)
  const ids = new Set(history.map(({ headers }) => headers['ce-id']))
  const events = await site.sql`select event_id from outbox_events`
  const missing = events.filter((row) => !ids.has(String(row['event_id']))).length
  const complaints = complaintsAbout(history)
  return [
    none('events missing from the stream', missing, String(events.length)),
    none(
      'messages in the stream that are duplicated or out of order',
      complaints.length,
      String(history.length),
    ),
  ]
}

const caughtUp = async ({ site, log }: Stage, name: string): Promise<Checked> => {
  const newest = newestHandled(log.consumed, name)
  const users = await site.sql`select id::text as id, version::integer as version from users`
  const behind = users.filter(({ id, version }) => (newest.get(String(id)) ?? 0) < Number(version))
  return none(
    `users whose newest change ${name} has not handled`,
    behind.length,
    String(users.length),
  )
}

const oncePerChange = ({ log }: Stage, name: string): Checked =>
  none(
    `changes that ${name} handled more than once`,
    handledTwice(log.consumed, name),
    String(log.consumed.filter(({ consumer }) => consumer === name).length),
  )

/** Who followed events at one percentage and calls at a higher one. */
const membershipOnlyGrows = async ({ site }: Stage): Promise<Checked> => {
  const rows = await site.sql`
    select event.user_id::text as id, history.percent, bool_or(ack.channel is null) as by_events
    from outbox_events event join sync_history history on history.epoch = event.route_epoch and history.mode = 'canary'
    left join outbox_acks ack on ack.user_id = event.user_id and ack.version = event.version and ack.day = event.day
      and ack.channel = 'http:backend'
    group by 1, 2`
  const followers = rows.filter((row) => row['by_events'] === true)
  const left = rows.filter(
    (row) =>
      row['by_events'] === false &&
      followers.some((one) => one['id'] === row['id'] && one['percent'] < row['percent']),
  )
  const sizes = [...new Set(rows.map((row) => Number(row['percent'])))]
    .toSorted((one, other) => one - other)
    .map((percent) => {
      const at = (list: readonly (typeof rows)[number][]) =>
        list.filter((row) => row['percent'] === percent).length
      return `${percent} %: ${at(followers)} of ${at(rows)} on events`
    })
  // Where calls stood in, what went by call says nothing about who follows events.
  const [stoodIn] = await site.sql`
    select 1 from outbox_acks ack join outbox_events event using (user_id, version, day)
    join sync_history history on history.epoch = event.route_epoch and history.mode = 'canary'
    where ack.channel = 'nats:user.events' and ack.acked_at > event.occurred_at + interval '3 seconds' limit 1`
  const judged = stoodIn === undefined ? left.length : 0
  const note = stoodIn === undefined ? '' : ' (not checked, because calls stood in for late events)'
  return none(
    'users who left the event channel while the percentage rose',
    judged,
    sizes.join(', ') + note,
  )
}
