import { afterAll, beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Database, Sql } from '../../../examples/backend/database.ts'
import { openDatabase } from '../../../examples/backend/database.ts'
import { makeEndpoint } from '../../../examples/backend/endpoint.ts'
import { applyToMembers, listMembers, makeTables } from '../../../examples/backend/members.ts'
import { decode } from '../../../packages/user-events/src/index.ts'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeBackend } from '../../../src/adapters/legacy-http/backend.ts'
import { givenEvent } from '../../support/builders/events/given-events.ts'

const SECRET = `whsec_${Buffer.from('a key of this test, and no other').toString('base64')}`
const NOW = new Date('2026-11-24T00:00:00.000Z')
const codec = makeUserEventCodec({ source: 'https://auth.example.com', typePrefix: 'com.example' })

const database = await openDatabase(undefined, 'memory://')
await makeTables(database)
beforeEach(async () => void (await database.sql`delete from members`))
afterAll(() => database.close())

/** The database of a Backend whose statement has lost its last condition. */
const unguarded: Database = {
  ...database,
  transact: (work) =>
    database.transact((sql) => {
      const without: Sql = (template, ...values) => {
        const parts = template.map((part) => part.replace(/where members.version < .*/, ''))
        return sql(Object.assign(parts, { raw: parts }), ...values)
      }
      return work(without)
    }),
}

/**
 * Sends the example Backend each version twice, as the service does while both channels are open: as a signed call and as an
 * event. Each channel is in order, and the calls are behind by `lag` versions. Answers what Backend held after each step.
 */
const heldWith = async (
  held: Database,
  versions: number,
  lag: number,
): Promise<readonly unknown[]> => {
  await database.sql`delete from members`
  const endpoint = makeEndpoint(held, SECRET)
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => endpoint.fetch(request),
  })
  const { receiver } = makeBackend({
    url: `http://127.0.0.1:${server.port}/sync`,
    secrets: [SECRET],
    withinMs: 5000,
    log: () => {},
    clock: () => new Date(),
    monotonic: () => performance.now(),
  })
  const seen: unknown[] = []
  for (let step = 1; step <= versions + lag; step += 1) {
    if (step <= versions) {
      const read = decode(codec.encode(givenEvent(1, step, NOW), 'user.events', null), 1)
      if (!read.ok) throw new Error(read.problem)
      await held.transact((sql) => applyToMembers(read.event, sql))
    }
    if (step > lag) {
      const called = givenEvent(1, step - lag, NOW)
      await receiver.send(called.eventId, codec.encode(called, 'user.events', null))
    }
    seen.push((await listMembers(database.sql))[0]?.['version'])
  }
  await server.stop(true)
  return seen
}

test('a Backend without the version guard runs backwards whenever one channel lags', async () => {
  expect(await heldWith(unguarded, 3, 2)).toEqual([1, 2, 1, 2, 3])
}, 60_000)

test('a Backend with the version guard never runs backwards, however far one channel lags', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 6 }),
      async (versions, lag) => {
        const expected = Array.from({ length: versions + lag }, (_, step) =>
          Math.min(step + 1, versions),
        )
        expect(await heldWith(database, versions, lag)).toEqual(expected)
      },
    ),
    { numRuns: 15 },
  )
}, 60_000)
