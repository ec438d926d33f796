import { afterAll, expect, test } from 'bun:test'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import { givenSyncSite } from '../../support/builders/migration/given-sync-site.ts'
import { closeSites } from '../../support/builders/service/given-site.ts'
import { followingBackend } from '../../support/fakes/migration/following-backend.ts'
import {
  changePeople,
  givenPeople,
  statusesOf,
} from '../../support/processes/service/steady-load.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { givenNatsCluster } from '../../support/servers/nats/given-nats.ts'
import { replaceLeader } from '../../support/servers/nats/stream-leader.ts'

/** The rollout guard needs half a minute to step back. The long form gives it that time repeatedly. */
const [KILLS, EVERY_SECONDS] = isLongRun ? [5, 20] : [2, 0]
const PEOPLE = 8
const DRAINED_SECONDS = 40

const backend = await followingBackend()
afterAll(async () => {
  await closeSites()
  await backend.close()
})

test(`the rollout guard does not step back when ${KILLS} leaders of the stream are killed one after the other, and nothing is lost`, async () => {
  const cluster = await givenNatsCluster()
  const { site, instances, status } = await givenSyncSite(cluster.url, backend, {
    USE_EVENT_SYNC: 'true',
    NATS_STREAM_REPLICAS: '3',
    // Generous, because the machine is shared and runs three more servers.
    SYNC_P95_LIMIT_MS: '2000',
  })
  const people = await givenPeople(instances[0], PEOPLE)
  await wholeHistory(site, DRAINED_SECONDS)

  const half = PEOPLE / 2
  const loads = [people.slice(0, half), people.slice(half)].map((some, place) =>
    changePeople(instances[place === 0 ? 0 : 1], some),
  )
  for (let kills = 0; kills < KILLS; kills += 1) {
    const next = Bun.sleep(EVERY_SECONDS * 1000)
    await replaceLeader(site, cluster)
    await next
  }
  const answers = (await Promise.all(loads.map((load) => load.stop()))).flat()

  expect(statusesOf(answers)).toEqual({ 200: answers.length })
  await wholeHistory(site, DRAINED_SECONDS)
  const steps = await site.sql`select mode, reason from sync_history where changed_by = 'guard'`
  expect([...steps]).toEqual([])
  expect(await status()).toMatchObject({ mode: 'events', changedBy: 'settings' })
}, 400_000)
