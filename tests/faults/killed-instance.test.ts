import { afterAll, expect, test } from 'bun:test'
import { freezeAfter } from '../support/freeze-after.ts'
import { givenNatsServer } from '../support/given-nats.ts'
import { closeSites, givenSite } from '../support/given-site.ts'
import { metricOf } from '../support/metrics-of.ts'
import { changeEach, givenPeople, statusesOf } from '../support/steady-load.ts'
import { pendingCount, wholeHistory } from '../support/stream-history.ts'
import { until } from '../support/supervised-nats.ts'

afterAll(closeSites)

const TAKEOVER_SECONDS = 12

test('an instance that is killed while 500 events are pending loses, repeats and reorders none', async () => {
  const nats = await givenNatsServer()
  const site = await givenSite({ natsUrl: nats.url })
  const [survivor, victim] = await Promise.all([site.start(), site.start()])
  const shardsOfSurvivor = () => metricOf(survivor, 'auth_relay_shards')
  await until('a fair share', async () => (await shardsOfSurvivor()) === 32, 15)
  const people = await givenPeople(survivor, 20)
  await wholeHistory(site, 10)

  await nats.stop()
  const answers = await changeEach(survivor, people, 25)
  expect(statusesOf(answers)).toEqual({ 200: 500 })
  expect(await pendingCount(site)).toBe(500)
  // In the middle of the backlog, with messages on their way whose acknowledgements will find nobody.
  await nats.start()
  await freezeAfter(nats, 50)
  await victim.stop('SIGKILL')
  const killedAt = performance.now()
  expect(await pendingCount(site)).toBeGreaterThan(200)
  await nats.thaw()

  await until('all shards taken over', async () => (await shardsOfSurvivor()) === 64, 20)
  // The figure of the metric is that of the last look, and this one looks 40 times a second.
  expect((performance.now() - killedAt) / 1000).toBeLessThan(TAKEOVER_SECONDS + 1)
  expect(await wholeHistory(site, 15)).toHaveLength(520)
}, 120_000)
