import { afterAll, describe, expect, test } from 'bun:test'
import { nanos } from 'nats'
import { withJetStream } from '../../support/builders/events/stored-messages.ts'
import {
  committedCount,
  historyOf,
  pendingCount,
  STREAM,
  wholeHistory,
} from '../../support/builders/events/stream-history.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { expectHealth } from '../../support/processes/service/expect-health.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import {
  change,
  changeEach,
  givenPeople,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { eventually, until } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'

afterAll(closeSites)

const DAY_SECONDS = 86_400
/** Streams are looked at every minute, give or take a tenth. */
const LOOK_SECONDS = 90

const ready = (service: Service) => metricOf(service, `auth_stream_ready{stream="${STREAM}"}`)
/** What it says comes another way than what it answers, and may be later. */
const hasLogged = (service: Service, line: object) =>
  eventually('the log line', 10, () =>
    expect(service.logLines()).toContainEqual(expect.objectContaining(line)),
  )
const refilled = async (site: Site) => {
  const isWhole = async () => (await historyOf(site)).length === (await committedCount(site))
  await until('the stream refilled', isWhole, LOOK_SECONDS)
  return wholeHistory(site, 10)
}

// Both wait for the next look at the streams, so they wait together.
describe.concurrent('the stream of all user events', () => {
  test('that was deleted is created anew and filled again from the ledger, oldest first', async () => {
    const site = await givenSite()
    const service = await site.start()
    const people = await givenPeople(service, 5)
    await changeEach(service, people, 10)
    const before = await wholeHistory(site, 10)

    await withJetStream(site.nats, ({ streams }) => streams.delete(STREAM))
    // Meanwhile everything is as before for clients, and what they change waits.
    expect(statusesOf(await changeEach(service, people, 2))).toEqual({ 200: 10 })
    expect(await pendingCount(site)).toBeGreaterThan(0)

    const after = await refilled(site)
    expect(after).toHaveLength(before.length + 10)
    const ids = (history: typeof before) => history.map(({ headers }) => headers['ce-id'] ?? '')
    expect(ids(after)).toEqual(expect.arrayContaining(ids(before)))
    await hasLogged(service, {
      level: 'error',
      event: 'auditor.compared',
      stream: STREAM,
      suspicion: 'made-anew',
      missing: before.length,
    })
  }, 150_000)

  test('that has drifted is refused with the exact difference, while the service serves on', async () => {
    const { url } = await givenNatsServer()
    const site = await givenSite({ natsUrl: url })
    const service = await site.start()
    const [person] = await givenPeople(service, 1)
    if (person === undefined) throw new Error('nobody there')
    await wholeHistory(site, 10)
    const keepFor = (days: number) =>
      withJetStream(site.nats, ({ streams }) =>
        streams.update(STREAM, { max_age: nanos(days * DAY_SECONDS * 1000) }),
      )

    await keepFor(1)
    await until('the drift noticed', async () => (await ready(service)) === 0, LOOK_SECONDS)
    await hasLogged(service, {
      level: 'error',
      event: 'nats.stream',
      stream: STREAM,
      state: 'drifted',
      differences: 'max_age is 86400 s and must be at least 604800 s',
    })
    await expectHealth(service, { status: 'degraded', db: 'ok', redis: 'ok', nats: 'unavailable' })
    expect((await change(service, person)).status).toBe(200)
    expect(await pendingCount(site)).toBe(1)
    // The service does not correct a difference when that would take something away.
    const { config } = await withJetStream(site.nats, ({ streams }) => streams.info(STREAM))
    expect(config.max_age).toBe(nanos(DAY_SECONDS * 1000))

    await keepFor(7)
    expect(await wholeHistory(site, 15)).toHaveLength(2)
    await expectHealth(service, { status: 'healthy' })
  }, 150_000)
})
