import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { pendingCount, wholeHistory } from '../../support/builders/events/stream-history.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import { changeEach, givenPeople } from '../../support/processes/service/steady-load.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { freezeAfter, givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { DelayProxy } from '../../support/servers/network/delay-proxy.ts'
import { delayProxy } from '../../support/servers/network/delay-proxy.ts'
import type { Server } from '../../support/servers/provide/server.ts'

afterAll(async () => {
  await closeSites()
  proxy.close()
})

const SHUTDOWN_SECONDS = 12
const PENDING = 1000
/** With a slow connection so little is delivered that there is time to interrupt it. */
const FAR_MILLISECONDS = 100

let nats: Server
let proxy: DelayProxy
let site: Site
let service: Service
let people: readonly Person[]

beforeAll(async () => {
  nats = await givenNatsServer()
  proxy = await delayProxy(nats.url)
  site = await givenSite({
    natsUrl: proxy.url,
    environment: { SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS) },
  })
  service = await site.start()
  people = await givenPeople(service, 20)
  await wholeHistory(site, 10)
  await nats.stop()
  await changeEach(service, people, PENDING / 20)
}, 120_000)

/** Ends the service by SIGTERM, and expects it to end in time and without errors. */
const stopInTime = async () => {
  const began = wakingMilliseconds()
  const { exitCode, stdout } = await service.stop()
  expect(exitCode).toBe(0)
  expect((wakingMilliseconds() - began) / 1000).toBeLessThan(SHUTDOWN_SECONDS)
  expect(stdout).not.toContain('service.stop-timeout')
}

describe(`a service that is asked to end with ${PENDING} events pending`, () => {
  test('ends in time while NATS is away, and keeps all of them pending', async () => {
    expect(await pendingCount(site)).toBe(PENDING)
    await stopInTime()
    expect(await pendingCount(site)).toBe(PENDING)
  }, 30_000)

  test('ends in time in the middle of delivering them, with answers outstanding', async () => {
    service = await site.start()
    proxy.delay(FAR_MILLISECONDS)
    await nats.start()
    await freezeAfter(nats, 50)
    expect(await pendingCount(site)).toBeGreaterThan(PENDING / 2)
    await stopInTime()
    proxy.delay(0)
    await nats.thaw()
  }, 60_000)

  test('has lost, repeated and reordered none of them when the next one has delivered', async () => {
    service = await site.start()
    expect(await wholeHistory(site, 30)).toHaveLength(20 + PENDING)
  }, 60_000)
})
