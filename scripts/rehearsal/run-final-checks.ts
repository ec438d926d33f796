import type { ConnectionOptions } from 'nats'
import { AckPolicy } from 'nats'
import { withJetStream } from '../../tests/support/builders/events/stored-messages.ts'
import { complaintsAbout } from '../../tests/support/builders/events/stream-history.ts'
import { countHandledTwice, newestHandled } from './handled-events.ts'
import type { ChangeRequest } from './load.ts'
import type { Installation } from './open-installation.ts'

/** One thing that must hold, what was found, and whether it holds. */
export type CheckResult = { readonly what: string; readonly found: string; readonly holds: boolean }

const LONGEST_WAIT_SECONDS = 45
const CONSUMERS = ['social', 'chat'] as const

/** Compares the stream, the databases and the output of the consumers, once everything is delivered. */
export const runFinalChecks = async (
  installation: Installation,
  requests: readonly ChangeRequest[],
  startedAt: Date,
): Promise<readonly CheckResult[]> => {
  await waitUntilDelivered(installation)
  return [
    noRequestFailed(requests, startedAt.getTime()),
    await nothingLost(installation, requests),
    await nothingPending(installation),
    await backendIsEqual(installation),
    ...(await streamIsComplete(installation)),
    ...(await Promise.all(CONSUMERS.map((name) => hasCaughtUp(installation, name)))),
    ...[...CONSUMERS, 'backend'].map((name) => handledOnce(installation, name)),
    await membershipOnlyGrows(installation),
  ]
}

/** A check that holds when `count` is 0. */
const none = (what: string, count: number, of: string): CheckResult => ({
  what,
  found: `${count} of ${of}`,
  holds: count === 0,
})

/** Waits until every event is delivered and the consumers have the state of the service, for 45 s at most. */
const waitUntilDelivered = async (installation: Installation): Promise<void> => {
  const until = Date.now() + LONGEST_WAIT_SECONDS * 1000
  while (Date.now() < until) {
    const settled = await Promise.all([
      nothingPending(installation),
      backendIsEqual(installation),
      ...CONSUMERS.map((name) => hasCaughtUp(installation, name)),
    ]).catch(() => [])
    if (settled.length > 0 && settled.every(({ holds }) => holds)) return
    await Bun.sleep(250)
  }
}

const noRequestFailed = (requests: readonly ChangeRequest[], startedAt: number): CheckResult => {
  const failed = requests.filter(({ status }) => status !== 200)
  const kinds = [...new Set(failed.map(({ status }) => status || 'no answer'))]
  const seconds = failed.map(({ at }) => Math.round((at - startedAt) / 1000))
  const when = `from ${Math.min(...seconds)} s to ${Math.max(...seconds)} s`
  const why = kinds.length === 0 ? '' : ` (${kinds.join(', ')}; ${when})`
  return none('failed requests', failed.length, `${requests.length}${why}`)
}

const nothingLost = async (
  { site }: Installation,
  requests: readonly ChangeRequest[],
): Promise<CheckResult> => {
  const rows = await site.sql`select user_id || ' ' || version as change from outbox_events`
  const ledger = new Set(rows.map(({ change }) => String(change)))
  const accepted = requests.filter(({ version }) => version !== null)
  const lost = accepted.filter(({ userId, version }) => !ledger.has(`${userId} ${version}`))
  return none(
    'accepted changes without an event in the ledger',
    lost.length,
    String(accepted.length),
  )
}

const nothingPending = async ({ site }: Installation): Promise<CheckResult> => {
  const [row] = await site.sql`
    select (select count(*)::integer from outbox_deliveries where state <> 'standby') as pending,
      (select string_agg(distinct channel, ', ') from outbox_deliveries where state <> 'standby') as channels,
      (select count(*)::integer from outbox_events) as events`
  const where = row?.['channels'] ? ` (${row['channels']})` : ''
  return none('events not delivered yet', Number(row?.['pending']), `${row?.['events']}${where}`)
}

const backendIsEqual = async ({ site, members }: Installation): Promise<CheckResult> => {
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

const streamIsComplete = async ({ site }: Installation): Promise<readonly CheckResult[]> => {
  const history = await readStreamHeaders(site.nats)
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

const STREAM = 'USER_EVENTS'
const BATCH = 1000

/** The headers of every message in the stream of user events. */
const readStreamHeaders = (
  connection: ConnectionOptions,
): Promise<readonly { readonly headers: Readonly<Record<string, string>> }[]> =>
  withJetStream(connection, async (api) => {
    const { name, num_pending: pending } = await api.consumers.add(STREAM, {
      ack_policy: AckPolicy.None,
      headers_only: true,
    })
    const consumer = await api.jetstream().consumers.get(STREAM, name)
    const found: { readonly headers: Readonly<Record<string, string>> }[] = []
    while (found.length < pending)
      for await (const { headers } of await consumer.fetch({ max_messages: BATCH, expires: 1000 }))
        found.push({
          headers: Object.fromEntries(
            [...(headers ?? [])].map(([header, values]) => [header, values.join()]),
          ),
        })
    return found
  })

const hasCaughtUp = async (
  { site, handledEvents }: Installation,
  name: string,
): Promise<CheckResult> => {
  const newest = newestHandled(handledEvents.handled, name)
  const users = await site.sql`select id::text as id, version::integer as version from users`
  const behind = users.filter(({ id, version }) => (newest.get(String(id)) ?? 0) < Number(version))
  return none(
    `users whose newest change ${name} has not handled`,
    behind.length,
    String(users.length),
  )
}

const handledOnce = ({ handledEvents }: Installation, name: string): CheckResult =>
  none(
    `changes that ${name} handled more than once`,
    countHandledTwice(handledEvents.handled, name),
    String(handledEvents.handled.filter(({ consumer }) => consumer === name).length),
  )

/** No user follows events at one percentage and HTTP calls at a higher one. */
const membershipOnlyGrows = async ({ site }: Installation): Promise<CheckResult> => {
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
  // When calls stood in for late events, a call does not say which channel the user follows.
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
