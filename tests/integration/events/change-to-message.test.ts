import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { TransactionSql } from 'postgres'
import type { FoundMessage } from '../../support/builders/events/stored-messages.ts'
import {
  complaintsAbout,
  historyOf,
  wholeHistory,
} from '../../support/builders/events/stream-history.ts'
import { register, send } from '../../support/builders/http/given-http.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite, PUBLIC_URL } from '../../support/builders/service/given-site.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import { change, personOf } from '../../support/processes/service/steady-load.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

afterAll(closeSites)

let site: Site
let service: Service
beforeAll(async () => {
  site = await givenSite()
  service = await site.start()
}, 60_000)

const DELIVERED_SECONDS = 10
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const ofUser = (history: readonly FoundMessage[], id: string) =>
  history.filter(({ headers }) => headers['ce-subject'] === id)
const textOf = ({ body }: FoundMessage) => new TextDecoder().decode(body)
const messagesOf = async (id: string) => ofUser(await wholeHistory(site, DELIVERED_SECONDS), id)
const someone = async (): Promise<Person> => personOf(await register(service))

/** What an operator could do in an emergency: the next version, its event and its deliveries, in one transaction. */
const setActive = async (sql: TransactionSql, id: string, isActive: boolean) => {
  const eventId = crypto.randomUUID()
  await sql`update users set is_active = ${isActive}, version = version + 1, event_id = ${eventId} where id = ${id}`
  await sql`
    with told as (
      insert into outbox_events (user_id, version, event_id, shard, action, state, changed, occurred_at,
        route_mode, route_epoch)
      select user_id, version + 1, ${eventId}, shard, 'updated',
        state || jsonb_build_object('isActive', ${isActive}::boolean), '{isActive}', clock_timestamp(),
        route_mode, route_epoch
      from outbox_events where user_id = ${id} order by version desc limit 1
      returning *)
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
    select user_id, version, 'nats:user.events', event_id, day, shard, position from told`
}

/** Meanwhile a change of a user gets as far as its event, and no further. */
const whileEventsWait = async (work: () => Promise<void>) => {
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const locking = site.sql.begin(async (sql) => {
    await sql`lock table outbox_events in share mode`
    locked.resolve()
    await done.promise
  })
  await locked.promise
  await work().finally(done.resolve)
  await locking
}

const cutWaitingConnections = () =>
  eventually('a waiting change', 2, async () => {
    const cut = await site.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    if (cut.length === 0) throw new Error('nobody waits')
  })

describe('a committed change', () => {
  test('of each kind becomes exactly one message, with exact body and headers, in order', async () => {
    const { user, tokens } = (await register(service)).body
    const bearer = tokens.accessToken
    const body = { displayName: 'Ada Lovelace', avatar: 'https://images.example.com/ada.png' }
    const updated = await send(service, 'PATCH', '/v1/users/me', { bearer, body })
    for (const isActive of [false, true])
      await site.sql.begin((sql) => setActive(sql, user.id, isActive))
    expect((await send(service, 'DELETE', '/v1/users/me', { bearer })).status).toBe(204)

    const messages = await messagesOf(user.id)
    const state = {
      id: user.id,
      email: user.email,
      username: user.username,
      displayName: null,
      avatar: null,
      role: 'user',
      isActive: true,
    }
    const times = messages.map(({ headers }) => headers['ce-time'])
    const expected = [
      { ...state, action: 'created', timestamp: user.createdAt },
      { ...state, ...body, action: 'updated', timestamp: updated.body.updatedAt },
      { ...state, ...body, isActive: false, action: 'updated', timestamp: times[2] },
      { ...state, ...body, action: 'updated', timestamp: times[3] },
      { ...state, ...body, action: 'deleted', timestamp: times[4] },
    ]
    expect(messages.map(textOf)).toEqual(expected.map((event) => JSON.stringify(event)))
    expect(times).toEqual(times.toSorted())
    for (const [index, { subject, headers }] of messages.entries()) {
      const { 'ce-id': eventId = '', traceparent, ...others } = headers
      expect(subject).toBe('user.events')
      expect(traceparent === undefined).toBe(index === 2 || index === 3)
      expect(others).toEqual({
        'Nats-Msg-Id': `${eventId}:nats:user.events`,
        'ce-specversion': '1.0',
        'ce-source': PUBLIC_URL,
        'ce-type': `com.example.auth.user.${expected[index]?.action}`,
        'ce-subject': user.id,
        'ce-partitionkey': user.id,
        'ce-sequence': `0000000000000000000${index + 1}`,
        'ce-time': expected[index]?.timestamp ?? '',
        'ce-datacontenttype': 'application/json',
        'ce-dataschema': `${PUBLIC_URL}/schemas/user-events/v1.json`,
      })
    }
    expect(messages[0]?.headers['ce-id']).toMatch(UUID)
  }, 30_000)

  test('carries the trace of the request that made it', async () => {
    const { bearer, id } = await someone()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await fetch(`${service.url}/v1/users/me`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify({ displayName: 'Traced' }),
    })
    const [, message] = await messagesOf(id)
    expect(message?.headers['traceparent']).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  }, 20_000)

  test('is in the stream before the next regular poll of the relay', async () => {
    const { id } = await someone()
    await eventually('the message', 2, async () => {
      if (ofUser(await historyOf(site), id).length === 0) throw new Error('not yet')
    })
    expect(await messagesOf(id)).toHaveLength(1)
  })
})

describe('nothing is published', () => {
  test('of requests that were refused', async () => {
    const { bearer, id, username } = await someone()
    const before = await wholeHistory(site, DELIVERED_SECONDS)
    const patch = (body: unknown) =>
      send(service, 'PATCH', '/v1/users/me', { bearer, body }).then(({ status }) => status)
    expect((await register(service, username)).status).toBe(409)
    expect(await patch({ displayName: '' })).toBe(422)
    expect(await patch({ role: 'admin' })).toBe(422)
    const stale = await fetch(`${service.url}/v1/users/me`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'if-match': '"7"',
      },
      body: JSON.stringify({ displayName: 'Too late' }),
    })
    expect(stale.status).toBe(412)
    expect(await wholeHistory(site, DELIVERED_SECONDS)).toEqual(before)
    expect(await messagesOf(id)).toHaveLength(1)
  }, 20_000)

  test('of a transaction that is rolled back after it wrote the event', async () => {
    const { id } = await someone()
    const rolledBack = site.sql.begin(async (sql) => {
      await setActive(sql, id, false)
      throw new Error('changed my mind')
    })
    await expect(rolledBack).rejects.toThrow('changed my mind')
    expect(await messagesOf(id)).toHaveLength(1)
  }, 20_000)

  test('of a request whose transaction fails before its end, nor is anything changed', async () => {
    const person = await someone()
    await messagesOf(person.id)
    await whileEventsWait(async () => {
      const answers = await Promise.all([change(service, person), register(service)])
      expect(answers.map(({ status }) => status)).toEqual([503, 503])
    })
    expect(await messagesOf(person.id)).toHaveLength(1)
    // The number that was not used is the next one's.
    expect(await change(service, person)).toMatchObject({ status: 200, body: { version: 2 } })
    expect(await messagesOf(person.id)).toHaveLength(2)
  }, 30_000)

  test('of a request whose database connection is cut before the commit', async () => {
    const person = await someone()
    await messagesOf(person.id)
    await whileEventsWait(async () => {
      const update = change(service, person)
      await cutWaitingConnections()
      expect((await update).status).toBe(503)
    })
    expect(await messagesOf(person.id)).toHaveLength(1)
    expect((await change(service, person)).body.version).toBe(2)
  }, 30_000)

  test('of a direct change of the table, because it cannot commit', async () => {
    const { id } = await someone()
    const { sql } = site
    const before = await wholeHistory(site, DELIVERED_SECONDS)
    await expect(
      sql`update users set is_active = false where id = ${id}`.execute(),
    ).rejects.toThrow('a change of a user takes the next version')
    await expect(
      sql`update users set is_active = false, version = version + 1 where id = ${id}`.execute(),
    ).rejects.toThrow('a change of a user is announced in its transaction')
    await expect(sql`delete from users where id = ${id}`.execute()).rejects.toThrow(
      'a change of a user is announced in its transaction',
    )
    expect([...(await sql`select is_active, version::int from users where id = ${id}`)]).toEqual([
      { is_active: true, version: 1 },
    ])
    expect(await wholeHistory(site, DELIVERED_SECONDS)).toEqual(before)
  }, 20_000)
})

describe('the check of a history', () => {
  const message = (id: string, version: number, user = 'ada') => ({
    headers: { 'ce-id': id, 'ce-subject': user, 'ce-sequence': String(version).padStart(20, '0') },
  })

  test('notices repeats, gaps and inversions', () => {
    const right = [message('a', 1), message('b', 1, 'bob'), message('c', 2), message('d', 3)]
    expect(complaintsAbout(right)).toEqual([])
    expect(complaintsAbout([message('a', 1), message('a', 1)])).toEqual([
      'event a comes twice',
      '1 after 1 of user ada',
    ])
    expect(complaintsAbout([message('a', 1), message('c', 3)])).toEqual(['3 after 1 of user ada'])
    expect(complaintsAbout([message('b', 2), message('a', 1)])).toHaveLength(2)
  })
})
