import { expect, test } from 'bun:test'
import { v7 } from 'uuid'
import { makeRolloutGuard } from '../../../src/application/migration/rollout-guard.ts'
import { BREACHES_TO_STEP_BACK } from '../../../src/domain/migration/find-breach.ts'
import { isForward } from '../../../src/domain/migration/sync-mode.ts'
import { secondsAfter } from '../../../src/domain/shared/instants.ts'
import type { SyncModes } from '../../../src/ports/driven/migration/sync-modes.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { givenMode, modeOf } from '../../support/builders/migration/given-mode.ts'
import { listedSyncModes } from '../../support/fakes/migration/listed-sync-modes.ts'
import { listedMeasurements } from '../../support/fakes/operations/listed-measurements.ts'

type Check = () => Promise<void>
type Twin = (check: Check, syncModes: SyncModes, isWell: () => boolean) => Check

/** Steps forward to events by itself after as many good checks as it takes bad ones to step back. */
const twin: Twin = (check, syncModes, isWell) => {
  let wells = 0
  return async () => {
    await check()
    wells = isWell() ? wells + 1 : 0
    const { mode } = await syncModes.read()
    if (mode === 'dual' && wells >= BREACHES_TO_STEP_BACK)
      await givenMode(syncModes, modeOf('events'))
  }
}

/** How often the mode goes forward in an hour while the broker is slow in every other minute, with a check every ten seconds. */
const risesWith = async (change: Twin): Promise<number> => {
  const { syncModes } = listedSyncModes(modeOf('events'))
  let now = NOON
  let latency = 5
  const journal = {
    observe: <T>(sender: T) => sender,
    recordReadiness: () => {},
    recordTakeover: () => {},
    interruptions: () => [],
    delivered: () =>
      Array.from({ length: 200 }, () => ({
        committedAt: now.getTime() - latency,
        acknowledgedAt: now.getTime(),
      })),
  }
  const { check } = makeRolloutGuard({
    policy: 'act',
    limitMs: 100,
    syncModes,
    backendChannel: 'nats:user.events',
    journals: { events: journal, calls: { ...journal, delivered: () => [] } },
    receiver: { isReady: () => true },
    versionGuard: { ask: async () => 'version' },
    stores: { audit: { append: async () => {} } },
    identifiers: { replayId: v7 },
    announceMode: () => {},
    measurements: listedMeasurements(),
    log: () => {},
    clock: () => now,
  })
  const checkOnce = change(check, syncModes, () => latency < 100)
  let rises = 0
  for (let count = 0; count < 360; count += 1) {
    latency = Math.floor(count / 6) % 2 === 0 ? 900 : 5
    now = secondsAfter(now, 10)
    const before = await syncModes.read()
    await checkOnce()
    if (isForward(before, await syncModes.read())) rises += 1
  }
  expect((await syncModes.read()).epoch).toBeGreaterThan(4)
  return rises
}

test('a rollout guard that steps forward sends users back and forth for as long as a broker is unwell', async () => {
  expect(await risesWith(twin)).toBe(30)
})

test('the rollout guard leaves steps forward to a person', async () => {
  expect(await risesWith((check) => check)).toBe(0)
})
