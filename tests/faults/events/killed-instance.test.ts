import { afterAll, expect, test } from 'bun:test'
import { pendingCount, wholeHistory } from '../../support/builders/events/stream-history.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import { changeEach, givenPeople, statusesOf } from '../../support/processes/service/steady-load.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { freezeAfter, givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { delayProxy } from '../../support/servers/network/delay-proxy.ts'

const nats = await givenNatsServer()
const proxy = await delayProxy(nats.url)
afterAll(async () => {
  await closeSites()
  proxy.close()
})

const TAKEOVER_SECONDS = 12
/** From far away so little can be delivered that there is time to interrupt it. */
const FAR_MILLISECONDS = 150

test('an instance that is killed while 500 events are pending loses, repeats and reorders none', async () => {
  const site = await givenSite({ natsUrl: proxy.url })
  const [survivor, victim] = await Promise.all([site.start(), site.start()])
  const shardsOfSurvivor = () => metricOf(survivor, 'auth_relay_shards')
  await until('a fair share', async () => (await shardsOfSurvivor()) === 32, 15)
  const people = await givenPeople(survivor, 20)
  await wholeHistory(site, 10)

  await nats.stop()
  const answers = await changeEach(survivor, people, 25)
  expect(statusesOf(answers)).toEqual({ 200: 500 })
  expect(await pendingCount(site)).toBe(500)
  // In the middle of the backlog, with messages in flight whose acknowledgements arrive after the kill.
  proxy.delay(FAR_MILLISECONDS)
  await nats.start()
  await freezeAfter(nats, 50)
  await victim.stop('SIGKILL')
  const killedAt = wakingMilliseconds()
  expect(await pendingCount(site)).toBeGreaterThan(200)
  proxy.delay(0)
  await nats.thaw()

  await until('all shards taken over', async () => (await shardsOfSurvivor()) === 64, 20)
  // The figure of the metric is that of the last look, and this one looks 40 times a second.
  expect((wakingMilliseconds() - killedAt) / 1000).toBeLessThan(TAKEOVER_SECONDS + 1)
  expect(await wholeHistory(site, 15)).toHaveLength(520)
}, 120_000)
