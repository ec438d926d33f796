import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { pendingCount, wholeHistory } from '../../support/builders/events/stream-history.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { expectHealth } from '../../support/processes/service/expect-health.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import type { Person, Timed } from '../../support/processes/service/steady-load.ts'
import {
  change,
  changePeople,
  givenPeople,
  slowestOf,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

afterAll(closeSites)

const AWAY_SECONDS = isLongRun ? 60 : 15
const FROZEN_SECONDS = 10
/** Connecting again, with a breath between attempts, and delivering what has piled up. */
const BACKLOG_SECONDS = 15
/** A request that waited for NATS would take longer than this. */
const PATIENCE_MS = 2000

let nats: Server
let site: Site
let service: Service
let people: readonly Person[]

beforeAll(async () => {
  nats = await givenNatsServer()
  await nats.stop()
  site = await givenSite({ natsUrl: nats.url })
  service = await site.start()
}, 90_000)

const changing = () => changePeople(service, people)

/** Every request succeeds, and none waits. */
const expectAsBefore = (answers: readonly Timed[], atLeast: number) => {
  expect(statusesOf(answers)).toEqual({ 200: answers.length })
  expect(answers.length).toBeGreaterThan(atLeast)
  expect(slowestOf(answers)).toBeLessThan(PATIENCE_MS)
}

describe('while NATS is away', () => {
  test('a service starts, serves and says that it is degraded', async () => {
    people = await givenPeople(service, 10)
    await service.seen('nats.unreachable')
    await expectHealth(service, { status: 'degraded', db: 'ok', redis: 'ok', nats: 'unavailable' })
    expect(await pendingCount(site)).toBe(10)
  }, 20_000)

  test('changes since the start wait, and arrive in order once NATS is there', async () => {
    await change(service, people[0] ?? { id: '', username: '', bearer: '' })
    await nats.start()
    expect(await wholeHistory(site, BACKLOG_SECONDS)).toHaveLength(11)
    await expectHealth(service, { status: 'healthy', nats: 'ok' })
  }, 40_000)

  test(`for ${AWAY_SECONDS} s, the API answers as before and the backlog arrives in order`, async () => {
    const load = changing()
    await Bun.sleep(500)
    await nats.kill()
    await Bun.sleep(AWAY_SECONDS * 1000)
    await expectHealth(service, { status: 'degraded', nats: 'unavailable' })
    expectAsBefore(await load.stop(), 10 * AWAY_SECONDS)
    expect(await pendingCount(site)).toBeGreaterThan(5 * AWAY_SECONDS)
    await nats.start()
    await wholeHistory(site, BACKLOG_SECONDS)
  }, 150_000)

  test('because it is frozen, the API answers as before and nothing is stored twice', async () => {
    const load = changing()
    await Bun.sleep(500)
    await nats.freeze()
    await Bun.sleep(FROZEN_SECONDS * 1000)
    await expectHealth(service, { status: 'degraded', nats: 'unavailable' })
    expectAsBefore(await load.stop(), 10 * FROZEN_SECONDS)
    await nats.thaw()
    await wholeHistory(site, BACKLOG_SECONDS)
  }, 60_000)

  test('because it is restarted again and again, under load, nothing is lost', async () => {
    const load = changing()
    for (let round = 0; round < 3; round += 1) {
      await Bun.sleep(1500)
      await nats.kill()
      await nats.start()
    }
    expectAsBefore(await load.stop(), 50)
    await wholeHistory(site, BACKLOG_SECONDS)
    await expectHealth(service, { status: 'healthy' })
  }, 60_000)
})
