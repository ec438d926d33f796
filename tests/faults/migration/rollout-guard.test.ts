import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { pendingCount, wholeHistory } from '../../support/builders/events/stream-history.ts'
import { givenSyncSite } from '../../support/builders/migration/given-sync-site.ts'
import { closeSites } from '../../support/builders/service/given-site.ts'
import type { FollowingBackend } from '../../support/fakes/migration/following-backend.ts'
import { followingBackend } from '../../support/fakes/migration/following-backend.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import { change, givenPeople, keepAsking } from '../../support/processes/service/steady-load.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { DelayProxy } from '../../support/servers/network/delay-proxy.ts'
import { delayProxy } from '../../support/servers/network/delay-proxy.ts'
import type { Server } from '../../support/servers/provide/server.ts'

/** The rollout guard needs three checks, ten seconds apart. Only the long form waits for them. */
const LIMIT = 150_000
const ARMED_SECONDS = 4
const STEP_SECONDS = 60
const RISEN_WOULD_BE_SECONDS = 45

let nats: Server
let proxy: DelayProxy
let backend: FollowingBackend
let given: Awaited<ReturnType<typeof givenSyncSite>>
let people: readonly Person[]

beforeAll(async () => {
  nats = await givenNatsServer()
  proxy = await delayProxy(nats.url)
  backend = await followingBackend()
  given = await givenSyncSite(proxy.url, backend, {
    USE_EVENT_SYNC: 'true',
    EVENT_SYNC_PERCENT: '50',
    // Generous, because the machine is shared. The delays below are longer.
    SYNC_P95_LIMIT_MS: isLongRun ? '140' : '5000',
  })
  await backend.follow(given.site)
  people = await givenPeople(given.instances[0], 6)
  await wholeHistory(given.site, 20)
}, 120_000)
afterAll(async () => {
  await closeSites()
  await backend.close()
  proxy.close()
})

const somebody = (): Person => {
  const [person] = people
  if (person === undefined) throw new Error('nobody is there')
  return person
}
/** Changes so far apart that one is delivered at a time, each as slow as the broker is. */
const changing = () =>
  keepAsking(people.length, async (caller) => {
    await Bun.sleep(350)
    return change(given.instances[caller % 2 === 0 ? 0 : 1], people[caller] ?? somebody())
  })
const seconds = async (what: string, within: number, isSo: () => Promise<boolean>) => {
  const began = wakingMilliseconds()
  await eventually(what, within, async () => {
    if (!(await isSo())) throw new Error('not yet')
  })
  return (wakingMilliseconds() - began) / 1000
}
const become = async (mode: object) => {
  // Ends the hold of the rollout guard.
  await given.site.sql`update sync_mode set held_until = null`
  const changed = await given.put(mode)
  expect(changed.status).toBe(200)
}
const stepDown = () =>
  seconds('the step back', STEP_SECONDS, async () => (await given.status()).mode === 'dual')

describe('a broker that is frozen with its connections open', () => {
  test(`turns the fallback on within ${ARMED_SECONDS} s of a change, and Backend receives the change`, async () => {
    await become({ mode: 'events' })
    await nats.freeze()
    await change(given.instances[0], somebody())
    const armed = await seconds('calls to be armed', 10, async () => (await given.status()).armed)
    await given.untilCurrent(10)
    expect(armed).toBeLessThan(ARMED_SECONDS)
    await nats.thaw()
    await wholeHistory(given.site, 30)
  }, 60_000)
})

if (isLongRun)
  describe('the rollout guard', () => {
    test(
      'steps back from a frozen broker though nothing is acknowledged, and says why',
      async () => {
        await become({ mode: 'events' })
        await nats.freeze()
        await change(given.instances[0], somebody())
        expect(await stepDown()).toBeLessThan(STEP_SECONDS)
        const { changedBy, reason, guard } = await given.status()
        expect([changedBy, reason]).toEqual(['guard', expect.stringContaining('has waited for')])
        expect(guard.heldUntil).toEqual(expect.any(String))
        const refused = await given.put({ mode: 'canary', percent: 1 })
        expect(refused.body.errors[0].code).toBe('held')
        await nats.thaw()
        await wholeHistory(given.site, 30)
      },
      LIMIT,
    )

    test(
      'steps down at one change a minute when nothing is acknowledged any more',
      async () => {
        await become({ mode: 'canary', percent: 50 })
        const minutely = keepAsking(1, async () => {
          const answer = await change(given.instances[0], somebody())
          await Bun.sleep(60_000)
          return answer
        })
        await Bun.sleep(70_000)
        await wholeHistory(given.site, 20)
        expect((await given.status()).mode).toBe('canary')
        await nats.freeze()
        const waiting = async () => (await pendingCount(given.site)) > 0
        await seconds('the next change', 70, waiting)
        expect(await stepDown()).toBeLessThan(STEP_SECONDS)
        expect((await given.status()).reason).toContain('has waited for')
        await nats.thaw()
        await minutely.stop()
        await wholeHistory(given.site, 30)
      },
      2 * LIMIT,
    )

    test(
      'steps back from a broker that is 150 ms away, and does not step forward when it is near again',
      async () => {
        await become({ mode: 'canary', percent: 50 })
        const load = changing()
        proxy.delay(75)
        expect(await stepDown()).toBeLessThan(STEP_SECONDS)
        expect((await given.status()).reason).toContain('95 of 100 events took up to')
        proxy.delay(0)
        await Bun.sleep(RISEN_WOULD_BE_SECONDS * 1000)
        expect((await given.status()).mode).toBe('dual')
        await load.stop()
        await wholeHistory(given.site, 30)
      },
      LIMIT,
    )

    test(
      'stays and alarms when calls are broken as well',
      async () => {
        await become({ mode: 'events' })
        backend.break()
        await nats.freeze()
        const load = changing()
        await Promise.any(given.instances.map(({ seen }) => seen('sync.breach')))
        await eventually('the alarm', STEP_SECONDS, async () => {
          const lines = given.instances.flatMap((instance) => instance.logLines())
          if (!lines.some(({ event }) => event === 'sync.stuck')) throw new Error('not yet')
        })
        expect(await given.status()).toMatchObject({ mode: 'events' })
        backend.mend()
        await load.stop()
        await nats.thaw()
        await wholeHistory(given.site, 60)
      },
      LIMIT,
    )
  })
