import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { changeEach, givenPeople, statusesOf } from '../../support/processes/service/steady-load.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

afterAll(closeSites)

const SHARE_SECONDS = 15

let site: Site
let instances: Service[]
beforeAll(async () => {
  site = await givenSite({ environment: { SHUTDOWN_SECONDS: '8' } })
  instances = await Promise.all([site.start(), site.start()])
}, 60_000)

const sharesOf = (services: readonly Service[]) =>
  Promise.all(services.map((service) => metricOf(service, 'auth_relay_shards')))
const shared = (services: readonly Service[], shares: number[], seconds: number) =>
  eventually(`shares of ${shares}`, seconds, async () => {
    const found = await sharesOf(services)
    if (found.join() !== shares.join()) throw new Error(`they have ${found}`)
  })

describe('two instances', () => {
  test('deliver half of the shards each', async () => {
    await shared(instances, [32, 32], SHARE_SECONDS)
  }, 20_000)

  test('deliver what either of them changed, once and in order', async () => {
    const [first, second] = instances
    if (first === undefined || second === undefined) throw new Error('two instances are needed')
    const people = await givenPeople(first, 8)
    const answers = await Promise.all([changeEach(first, people, 5), changeEach(second, people, 5)])
    // Both change the same users. An instance that decided on an older version reads again, or answers a conflict.
    const statuses = statusesOf(answers.flat())
    expect(Object.keys(statuses).filter((status) => !['200', '409'].includes(status))).toEqual([])
    expect(await wholeHistory(site, 10)).toHaveLength(8 + (statuses[200] ?? 0))
  }, 30_000)

  test('hand over at once when one of them stops', async () => {
    const [first, second] = instances
    if (first === undefined || second === undefined) throw new Error('two instances are needed')
    const ended = await first.stop()
    expect(ended.exitCode).toBe(0)
    // Sooner than its leases would have lapsed.
    await shared([second], [64], 5)
  }, 20_000)
})
