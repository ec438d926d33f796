import { afterAll, expect, test } from 'bun:test'
import { STREAM, wholeHistory } from '../../support/builders/events/stream-history.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { expectHealth } from '../../support/processes/service/expect-health.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import {
  changePeople,
  givenPeople,
  slowestOf,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { givenNatsCluster } from '../../support/servers/nats/given-nats.ts'
import { killLeader } from '../../support/servers/nats/stream-leader.ts'

afterAll(closeSites)

/** An election takes 4 to 9 seconds, and the client has to find another server as well. */
const ELECTION_SECONDS = 40

test('a stream on three servers whose leader is killed under load loses, repeats and reorders nothing', async () => {
  const cluster = await givenNatsCluster()
  const site = await givenSite({
    natsUrl: cluster.url,
    environment: { NATS_STREAM_REPLICAS: '3' },
  })
  const service = await site.start()
  await expectHealth(service, { status: 'healthy' })
  expect(await metricOf(service, `auth_stream_replicas{stream="${STREAM}"}`)).toBe(3)
  const people = await givenPeople(service, 10)
  await wholeHistory(site, 10)

  const load = changePeople(service, people)
  await Bun.sleep(1000)
  await killLeader(site, cluster, ELECTION_SECONDS)
  await Bun.sleep(1000)
  const answers = await load.stop()

  expect(statusesOf(answers)).toEqual({ 200: answers.length })
  expect(slowestOf(answers)).toBeLessThan(2000)
  expect(await wholeHistory(site, ELECTION_SECONDS)).toHaveLength(10 + answers.length)
}, 150_000)
