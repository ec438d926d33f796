import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Database } from '../../../examples/backend/database.ts'
import { openDatabase } from '../../../examples/backend/database.ts'
import { makeEndpoint } from '../../../examples/backend/endpoint.ts'
import { listMembers, makeTables } from '../../../examples/backend/members.ts'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeBackend } from '../../../src/adapters/legacy-http/backend.ts'
import { makeSignWebhook } from '../../../src/adapters/legacy-http/sign-webhook.ts'
import type { UserEvent } from '../../../src/domain/events/user-event.ts'
import { SHARDS, shardOf } from '../../../src/domain/events/user-event.ts'
import { givenEvent, givenUserId } from '../../support/builders/events/given-events.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const { url } = await givenPostgres()
const key = Buffer.from('a key of this test, and no other').toString('base64')
const SECRET = `whsec_${key}`
const codec = makeUserEventCodec({ source: 'https://auth.example.com', typePrefix: 'com.example' })
const NOW = new Date('2026-11-24T00:00:00.000Z')

let database: Database
let server: ReturnType<typeof Bun.serve>
const address = (path: string) => `http://127.0.0.1:${server.port}${path}`

beforeAll(async () => {
  database = await openDatabase(url, '')
  await makeTables(database)
  const endpoint = makeEndpoint(database, SECRET)
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => endpoint.fetch(request),
  })
})
beforeEach(async () => void (await database.sql`delete from members`))
afterAll(async () => {
  await server.stop(true)
  await database.close()
})

/** As the service itself tells it. */
const backend = (secret = SECRET) =>
  makeBackend({
    url: address('/sync'),
    secrets: [secret],
    withinMs: 5000,
    log: () => {},
    clock: () => new Date(),
    monotonic: () => performance.now(),
  })
const event = (user: number, version: number, changes: Partial<UserEvent> = {}): UserEvent => ({
  ...givenEvent(user, version, NOW),
  ...changes,
})
const tell = (one: UserEvent) =>
  backend().receiver.send(one.eventId, codec.encode(one, 'user.events', null))
const names = async () => (await listMembers(database.sql)).map(({ username }) => username)

const signed = (body = '', at = new Date()) => makeSignWebhook([SECRET])('id', at, body)
const digest = async () =>
  (await fetch(address('/digest'), { headers: signed() })).json() as Promise<{
    shards: { shard: number; users: number; sha256: string }[]
  }>

describe('Backend over HTTP', () => {
  test('accepts the changes that the service sends', async () => {
    expect(await tell(event(1, 1))).toEqual({ alreadyNewer: false })
    expect(await names()).toEqual(['user1v1'])
  })

  test('answers that it has a newer version, and keeps that', async () => {
    await tell(event(1, 3))
    expect(await tell(event(1, 2))).toEqual({ alreadyNewer: true })
    expect(await names()).toEqual(['user1v3'])
  })

  test('lets nothing that comes late revive a deleted member', async () => {
    await tell(event(1, 3, { action: 'deleted' }))
    expect(await tell(event(1, 2))).toEqual({ alreadyNewer: true })
    expect(await names()).toEqual([])
  })

  test('keeps the newest of versions that arrive at once', async () => {
    await Promise.all([4, 2, 5, 1, 3].map((version) => tell(event(1, version))))
    expect(await names()).toEqual(['user1v5'])
  })

  test('says in every answer, and when it is asked, that it compares versions', async () => {
    const { guard, receiver } = backend()
    expect(await guard.ask()).toBe('version')
    await receiver.send(event(1, 1).eventId, codec.encode(event(1, 1), 'user.events', null))
    expect(guard.latest()).toBe('version')
  })

  test.each([
    ['without a signature', {}, ''],
    ['signed for other bytes', signed('{}'), '{"id":1}'],
    ['signed an hour ago', signed('{}', new Date(Date.now() - 3_600_000)), '{}'],
  ])('refuses what is %s, and changes nothing', async (_, headers, body) => {
    const answer = await fetch(address('/sync'), { method: 'POST', headers, body })
    expect(answer.status).toBe(401)
    expect(await names()).toEqual([])
  })

  test('refuses callers with another secret', async () => {
    const other = backend(`whsec_${Buffer.from('somebody else entirely').toString('base64')}`)
    const message = codec.encode(event(1, 1), 'user.events', null)
    expect(other.receiver.send(event(1, 1).eventId, message)).rejects.toThrow('answered 401')
    expect(await other.guard.ask()).toBe('unknown')
    expect((await fetch(address('/digest'))).status).toBe(401)
  })

  test('refuses a signed body that is no event, naming what is wrong', async () => {
    const headers = signed('{}')
    const answer = await fetch(address('/sync'), { method: 'POST', headers, body: '{}' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('username is missing')
  })
})

describe('the digest of Backend', () => {
  test('counts members and hashes their lines in each of the 64 shards', async () => {
    const users = [1, 2, 3]
    for (const user of users) await tell(event(user, user + 6))
    await tell(event(4, 1, { action: 'deleted' }))
    const { shards } = await digest()
    expect(shards.map(({ shard }) => shard)).toEqual([...Array(SHARDS).keys()])
    for (const { shard, ...held } of shards) {
      const mine = users.filter((user) => shardOf(givenUserId(user)) === shard)
      const lines = mine.map((user) => `${givenUserId(user)}:${user + 6}\n`).join('')
      const sha256 = createHash('sha256').update(lines).digest('hex')
      expect(held).toEqual({ users: mine.length, sha256 })
    }
  })

  test('lists the members of one shard', async () => {
    await tell(event(1, 7))
    const path = `/digest?shard=${shardOf(givenUserId(1))}`
    const answer = await fetch(address(path), { headers: signed() })
    expect(await answer.json()).toEqual({ users: [{ id: givenUserId(1), version: 7 }] })
  })
})
