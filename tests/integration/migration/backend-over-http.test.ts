import { afterAll, describe, expect, test } from 'bun:test'
import { Webhook } from 'standardwebhooks'
import { makeWebhookSecret } from '../../../src/main/config/backend.ts'
import { register } from '../../support/builders/http/given-http.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { AskedRequest } from '../../support/fakes/migration/fake-backend.ts'
import { answering, fakeBackend, hanging } from '../../support/fakes/migration/fake-backend.ts'
import {
  change,
  changeEach,
  givenPeople,
  personOf,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const backend = await fakeBackend()
const secret = makeWebhookSecret()
const site = await givenSite({
  environment: { BACKEND_SYNC_URL: backend.url, BACKEND_SYNC_SECRET: secret },
})
const service = await site.start()
afterAll(async () => {
  await closeSites()
  backend.close()
})

/** A call without an answer takes 5 seconds. After three of them the circuit breaker is open for 5 seconds. */
const SECONDS = 40
const soon = (what: string, expectation: () => Promise<void>) =>
  eventually(what, SECONDS, expectation)
const LIMIT = 120_000
const callsAbout = (id: string): readonly AskedRequest[] =>
  backend.requests.filter(({ headers }) => headers['ce-subject'] === id)
const versionOf = ({ headers }: AskedRequest): number => Number(headers['ce-sequence'])
const newestOf = (id: string): number => Math.max(0, ...callsAbout(id).map(versionOf))
const outcomes = async (id: string) => {
  const rows = await site.sql`
    select version::integer, outcome from outbox_acks where user_id = ${id} and channel = 'http:backend' order by version`
  return rows.map(({ version, outcome }) => `${version} ${outcome}`)
}

describe('Backend, called over HTTP by a service in production', () => {
  test(
    'receives a registration and each change after it, signed, in order',
    async () => {
      backend.answer(answering(204, { 'x-sync-guard': 'version' }))
      const person = personOf(await register(service))
      await soon('the first call', async () => expect(newestOf(person.id)).toBe(1))
      await change(service, person)
      await soon('the second call', async () => expect(newestOf(person.id)).toBe(2))
      const calls = callsAbout(person.id)
      expect(calls.map(versionOf)).toEqual([1, 2])
      for (const { body, headers } of calls)
        expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: person.id })
      expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
        username: person.username,
        action: 'created',
      })
    },
    LIMIT,
  )

  test(
    'that was away receives the newest states, and no request of a client fails or waits for it',
    async () => {
      const people = await givenPeople(service, 3)
      backend.answer(hanging)
      const answers = await changeEach(service, people, 10)
      expect(statusesOf(answers)).toEqual({ 200: 30 })
      backend.answer(answering(204))
      for (const { id } of people)
        await soon('the newest state', async () =>
          expect(await outcomes(id)).toContain('11 delivered'),
        )
      for (const { id } of people) {
        const versions = callsAbout(id).map(versionOf)
        expect(versions).toEqual(versions.toSorted((one, other) => one - other))
        expect(await outcomes(id)).toContain('10 superseded')
        expect(await outcomes(id)).toHaveLength(11)
      }
    },
    LIMIT,
  )

  test(
    'that refuses a message for good has it parked, and receives the next change',
    async () => {
      const person = personOf(await register(service))
      await soon('the first call', async () =>
        expect(await outcomes(person.id)).toEqual(['1 delivered']),
      )
      backend.answer((response, { headers }) => {
        const isBad = versionOf({ method: '', body: '', headers }) === 2
        response.writeHead(isBad ? 422 : 204).end()
      })
      await change(service, person)
      await soon('the refusal', async () => {
        const [row] = await site.sql`
          select state from outbox_deliveries where user_id = ${person.id} and channel = 'http:backend'`
        expect(row?.['state']).toBe('parked')
      })
      await change(service, person)
      await soon('the next call', async () =>
        expect(await outcomes(person.id)).toEqual(['1 delivered', '2 superseded', '3 delivered']),
      )
    },
    LIMIT,
  )
})
