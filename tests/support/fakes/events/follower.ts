import type { ConnectionOptions, ConsumerMessages, JsMsg } from 'nats'
import { AckPolicy, connect, DeliverPolicy } from 'nats'
import type { UserEvent } from '../../../../packages/user-events/src/index.ts'
import { decode } from '../../../../packages/user-events/src/index.ts'
import type { Site } from '../../builders/service/given-site.ts'
import { eventually } from '../../processes/timing/eventually.ts'

export type Verdict = 'applied' | 'gap' | 'stale' | 'duplicate' | 'conflict' | 'malformed'

/** What a consumer holds of a user; null once deleted. */
export type Followed = {
  readonly version: number
  readonly eventId: string
  readonly data: UserEvent<1>['data'] | null
}

export type Follower = {
  readonly users: ReadonlyMap<string, Followed>
  /** One verdict for each message, with the subject of the message. */
  readonly verdicts: readonly { readonly subject: string; readonly verdict: Verdict }[]
  stop(): Promise<void>
}

type Beginning = {
  readonly subject?: string
  /** Whether it reads the stream of all user events from its beginning or only new messages. */
  readonly from?: DeliverPolicy.All | DeliverPolicy.New
}

/**
 * A consumer with an own implementation of the rules: of the package it uses `decode` only. It reads the stream of all user
 * events and its direct subject.
 */
export const startFollower = async (
  options: ConnectionOptions,
  name: string,
  { subject = 'user.events', from = DeliverPolicy.All }: Beginning = {},
): Promise<Follower> => {
  const connection = await connect(options)
  const users = new Map<string, Followed>()
  const verdicts: { subject: string; verdict: Verdict }[] = []
  const take = (message: JsMsg): void => {
    verdicts.push({ subject: message.subject, verdict: apply(users, message) })
    message.ack()
  }
  const api = await connection.jetstreamManager()
  const open: ConsumerMessages[] = []
  for (const [stream, filter, deliver_policy] of [
    ['USER_EVENTS', subject, from],
    ['USER_EVENTS_DIRECT', `direct.user.events.${name}`, DeliverPolicy.All],
  ] as const) {
    const ack_policy = AckPolicy.Explicit
    const durable = { durable_name: name, filter_subject: filter, ack_policy, deliver_policy }
    // A service that has just started may not have created its streams yet.
    await eventually(stream, 20, () => api.consumers.add(stream, durable))
    const consumer = await api.jetstream().consumers.get(stream, name)
    open.push(await consumer.consume({ callback: take }))
  }
  return {
    users,
    verdicts,
    stop: async () => {
      await Promise.all(open.map((messages) => messages.close()))
      await connection.close()
    },
  }
}

const apply = (users: Map<string, Followed>, message: JsMsg): Verdict => {
  const headers = Object.fromEntries(
    [...(message.headers ?? [])].map(([name, values]) => [name, values.join()]),
  )
  const decoded = decode({ headers, body: message.data }, 1)
  if (!decoded.ok) return 'malformed'
  const { userId, version, eventId, action, data } = decoded.event
  const known = users.get(userId)
  if (known !== undefined && version < known.version) return 'stale'
  if (version === known?.version) return eventId === known.eventId ? 'duplicate' : 'conflict'
  users.set(userId, { version, eventId, data: action === 'deleted' ? null : data })
  return version === (known?.version ?? 0) + 1 ? 'applied' : 'gap'
}

/** Resolves once this consumer holds exactly the users of the database, at their versions, and nobody else. */
export const converged = (
  follower: Pick<Follower, 'users'>,
  sql: Site['sql'],
  seconds: number,
): Promise<void> =>
  eventually('the consumer holds what the database does', seconds, async () => {
    const rows = await sql<Row[]>`
      select id, version::int, event_id, username, display_name, role, is_active from users order by id`
    const wanted = rows.map((row) => JSON.stringify(row))
    const present = [...follower.users]
      .filter(([, { data }]) => data !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { version, eventId, data }]) => JSON.stringify(rowOf(id, version, eventId, data)))
    const differs = wanted.findIndex((row, index) => row !== present[index])
    if (wanted.length !== present.length || differs >= 0)
      throw new Error(
        `${present.length} of ${wanted.length}; ${wanted[differs]} is ${present[differs]} there`,
      )
  })

type Row = Readonly<Record<string, unknown>>
type Data = Parameters<(typeof Object)['entries']>[0]

const rowOf = (id: string, version: number, eventId: string, data: Data | null): Row => {
  const { username, displayName, role, isActive }: Row = { ...data }
  return {
    id,
    version,
    event_id: eventId,
    username,
    display_name: displayName,
    role,
    is_active: isActive,
  }
}
