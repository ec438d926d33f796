import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { percentile } from '../../../src/domain/migration/find-breach.ts'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import {
  agesAtBackend,
  changesFollowedAsEvents,
  changesSentAsCalls,
  spreadOverBuckets,
  usersChangedIn,
  usersOf,
} from '../../support/builders/migration/changes-by-channel.ts'
import { givenSyncSite } from '../../support/builders/migration/given-sync-site.ts'
import { closeSites } from '../../support/builders/service/given-site.ts'
import type { FollowingBackend } from '../../support/fakes/migration/following-backend.ts'
import { followingBackend } from '../../support/fakes/migration/following-backend.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import {
  changeEach,
  changePeople,
  givenPeople,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

/** The promise is 5 seconds. A shared machine gets twice that. */
const CURRENT_SECONDS = 10
const STEP_MILLISECONDS = 700
const CURRENT_P95_MILLISECONDS = 5000
const AWAY_MILLISECONDS = 5000
const PERCENTS = [1, 10, 50] as const

let nats: Server
let backend: FollowingBackend
let given: Awaited<ReturnType<typeof givenSyncSite>>
let people: readonly Person[]
/** Of each step of the walk. */
const epochs: number[] = []

beforeAll(async () => {
  nats = await givenNatsServer()
  backend = await followingBackend()
  // On a machine that is shared with others, latencies say nothing about the channel.
  given = await givenSyncSite(nats.url, backend, { SYNC_GUARD: 'observe' })
  await backend.follow(given.site)
  people = await givenPeople(given.instances[0], 12)
  await spreadOverBuckets(given.site, people, PERCENTS)
}, 120_000)
afterAll(async () => {
  await closeSites()
  await backend.close()
})

/** Half of the users are changed at each instance. */
const changing = () => {
  const [first, second] = given.instances
  const loads = [changePeople(first, people.slice(0, 6)), changePeople(second, people.slice(6))]
  return {
    stop: async () => {
      const answers = (await Promise.all(loads.map((load) => load.stop()))).flat()
      expect(statusesOf(answers)).toEqual({ 200: answers.length })
      return answers.length
    },
  }
}

const RISING = PERCENTS.map((percent) => ({ mode: 'canary', percent }) as const)
const WALK = [
  { mode: 'dual' },
  ...RISING,
  { mode: 'events' },
  ...RISING.toReversed(),
  { mode: 'dual' },
  { mode: 'http', confirmSilence: ['nobody else'] },
  { mode: 'dual' },
] as const

/** Waits until every user was changed in the present mode, and answers its epoch. */
const everybodyChanges = async (): Promise<number> => {
  const { epoch } = await given.status()
  await eventually('everybody to be changed', 10, async () => {
    const changed = await usersChangedIn(given.site, epoch)
    expect(people.filter(({ id }) => !changed.has(id))).toEqual([])
  })
  return epoch
}

describe('an installation of two instances under load', () => {
  test('begins with HTTP calls alone, as its settings say', async () => {
    const { mode, reason, changedBy, settingsIgnored } = await given.status()
    expect([mode, changedBy, settingsIgnored]).toEqual(['http', 'settings', false])
    expect(reason).toContain('new installation')
    await given.untilCurrent(CURRENT_SECONDS)
  }, 30_000)

  test('goes through all modes to events and back without one failed request, and loses nothing', async () => {
    const load = changing()
    const seconds: number[] = []
    for (const [index, step] of WALK.entries()) {
      seconds.push(await given.setMode(step, index % 2))
      await Bun.sleep(STEP_MILLISECONDS)
      epochs.push(await everybodyChanges())
    }
    expect(await load.stop()).toBeGreaterThan(100)
    expect(Math.max(...seconds)).toBeLessThan(5)
    await given.untilCurrent(CURRENT_SECONDS)
    // All changes, also those made while no events went to the broker: once, and in order.
    await wholeHistory(given.site, 15)
    expect(new Set(backend.applied).size).toBe(backend.applied.length)
    expect((await given.status()).settingsIgnored).toBe(true)
    expect(await given.report()).toMatchObject({
      onlyEvents: 0,
      onlyCalls: 0,
      outOfOrder: { events: 0, calls: 0 },
      verdict: { isSafe: false, next: 'canary at 1 %' },
    })
  }, 90_000)

  test('sends events to more and more of the same users while the percentage rises, and to exactly those while it falls', async () => {
    const followed = await Promise.all(
      epochs.map((epoch) => changesFollowedAsEvents(given.site, epoch)),
    )
    const [dual, one, ten, fifty, everybody, ...falling] = followed.map(usersOf)
    expect(dual).toEqual([])
    expect(one).not.toEqual([])
    expect(ten).toEqual(expect.arrayContaining([...(one ?? [])]))
    expect(fifty).toEqual(expect.arrayContaining([...(ten ?? [])]))
    const sizes = [one, ten, fifty, everybody].map((users) => users?.length ?? 0)
    expect(sizes).toEqual([...new Set(sizes)].toSorted((less, more) => less - more))
    expect(sizes.at(-1)).toBe(people.length)
    expect(falling).toEqual([fifty ?? [], ten ?? [], one ?? [], [], ...falling.slice(4)])
    expect(changesSentAsCalls(followed.slice(1, -3).flat(), backend)).toEqual([])
  })

  test.each([{ mode: 'canary', percent: 50 }, { mode: 'events' }])(
    'in %j calls Backend for 95 of 100 changes within 5 s while NATS is dead, and delivers the events in order afterwards',
    async (mode) => {
      await given.setMode(mode)
      // With the fallback still on from before, the calls would come at once.
      await given.site.sql`update sync_mode set armed = false`
      const load = changing()
      await Bun.sleep(500)
      await nats.kill()
      const killedAt = new Date()
      await Bun.sleep(AWAY_MILLISECONDS)
      await load.stop()
      // Only HTTP calls can have reached Backend.
      await given.untilCurrent(CURRENT_SECONDS)
      const calls = backend.receivedChanges.filter(({ channel }) => channel === 'call')
      const ages = await agesAtBackend(given.site, calls, killedAt)
      expect(ages.length).toBeGreaterThan(50)
      expect(percentile(ages, 95)).toBeLessThan(CURRENT_P95_MILLISECONDS)
      expect(await given.status()).toMatchObject({ mode: mode.mode, armed: true })
      await nats.start()
      await wholeHistory(given.site, 30)
      expect(new Set(backend.applied).size).toBe(backend.applied.length)
    },
    90_000,
  )

  test('goes back to HTTP calls within 10 seconds with nothing but its database, while NATS is dead', async () => {
    await nats.kill()
    const began = wakingMilliseconds()
    const { DATABASE_URL = '' } = given.site.environment
    const words = ['sync', 'set', 'dual', '--reason', 'NATS is dead']
    const set = await runCommand(words, { environment: { DATABASE_URL } })
    expect([set.exitCode, set.stdout]).toEqual([0, expect.stringContaining('Mode: dual')])
    const [first] = given.instances
    await changeEach(first, people.slice(0, 3), 2)
    await given.untilCurrent(CURRENT_SECONDS)
    expect((wakingMilliseconds() - began) / 1000).toBeLessThan(10)
    expect(await given.status()).toMatchObject({ mode: 'dual', changedBy: 'owner' })
    await nats.start()
    await wholeHistory(given.site, 30)
  }, 60_000)

  test('refuses canary and events to a Backend that takes whatever comes last', async () => {
    await backend.close()
    const unguarded = await followingBackend(true)
    const site = await givenSyncSite(nats.url, unguarded, { DUAL_WRITE_ENABLED: 'true' })
    for (const body of [{ mode: 'canary', percent: 1 }, { mode: 'events' }]) {
      const refused = await site.put(body)
      expect([refused.status, refused.body.code]).toEqual([409, 'mode-not-allowed'])
      expect(refused.body.errors[0]).toMatchObject({ code: 'receiver-not-guarded' })
    }
    expect((await site.status()).mode).toBe('dual')
    await eventually('its word in the database', 15, async () => {
      const [row] = await site.site.sql`select receiver_guard from sync_surroundings`
      expect(row?.['receiver_guard']).toBe('none')
    })
    await unguarded.close()
  }, 60_000)
})
