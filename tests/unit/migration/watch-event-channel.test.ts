import { describe, expect, test } from 'bun:test'
import { makeChannelJournal } from '../../../src/application/migration/channel-journal.ts'
import { makeWatchEventChannel } from '../../../src/application/migration/watch-event-channel.ts'
import type { SyncState } from '../../../src/domain/migration/sync-state.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { modeOf } from '../../support/builders/migration/given-mode.ts'
import { listedSyncModes } from '../../support/fakes/migration/listed-sync-modes.ts'
import { listedMeasurements } from '../../support/fakes/operations/listed-measurements.ts'

const given = (state: Partial<SyncState> = modeOf('events'), delivers = true) => {
  const modes = listedSyncModes(state)
  const logged: string[] = []
  const measurements = listedMeasurements()
  let now = 0
  let isReady = true
  let wakes = 0
  const look = makeWatchEventChannel({
    syncModes: modes.syncModes,
    backendChannel: 'nats:user.events',
    delivers,
    measurements,
    journal: makeChannelJournal(() => NOON),
    isReady: () => isReady,
    monotonic: () => now,
    wakeRelay: () => {
      wakes += 1
    },
    log: (_, event) => logged.push(event),
  })
  return {
    ...modes,
    logged,
    measurements,
    wakes: () => wakes,
    lose: () => {
      isReady = false
    },
    find: () => {
      isReady = true
    },
    look: async (afterMs = 500) => {
      now += afterMs
      await look()
    },
  }
}

describe('the fallback to HTTP calls', () => {
  test('is off while events are delivered', async () => {
    const { look, waits, state, armings } = given()
    for (const seconds of [0, 1, 3]) {
      waits(seconds)
      await look()
    }
    expect([state().armed, armings()]).toEqual([false, 0])
  })

  test('is turned on when a change has waited for more than 3 seconds', async () => {
    const { look, waits, state, logged, wakes } = given()
    waits(3.1)
    await look()
    expect([state().armed, logged, wakes()]).toEqual([true, ['sync.armed'], 1])
  })

  test('is turned on when the broker cannot be reached for a second, and not for less', async () => {
    const { look, lose, find, state } = given()
    lose()
    await look()
    find()
    await look()
    lose()
    await look()
    expect(state().armed).toBe(false)
    await look(1000)
    expect(state().armed).toBe(true)
  })

  test('stays on while the trouble lasts, and is logged once', async () => {
    const { look, waits, armings, logged } = given()
    waits(4)
    for (let looks = 0; looks < 5; looks += 1) await look()
    expect([armings(), logged]).toEqual([5, ['sync.armed']])
  })

  test('is turned off once the broker is well', async () => {
    const { look, waits, state, logged } = given()
    waits(4)
    await look()
    waits(0)
    await look()
    expect([state().armed, logged]).toEqual([false, ['sync.armed', 'sync.disarmed']])
  })

  test('is not turned on in http and dual, where Backend follows HTTP calls', async () => {
    for (const mode of [modeOf('http'), modeOf('dual')]) {
      const { look, waits, lose, armings } = given(mode)
      waits(60)
      lose()
      for (let looks = 0; looks < 5; looks += 1) await look()
      expect(armings()).toBe(0)
    }
  })

  test('is not turned on for a receiver that does not drop old versions, and logs that once', async () => {
    const { look, waits, syncModes, armings, logged } = given()
    await syncModes.noteDeployment({ guard: 'none' })
    waits(9)
    for (let looks = 0; looks < 3; looks += 1) await look()
    expect([armings(), logged]).toEqual([0, ['sync.not-armed']])
  })

  test('is left to the instances that deliver', async () => {
    const { look, waits, armings } = given(modeOf('events'), false)
    waits(9)
    await look()
    expect(armings()).toBe(0)
  })
})

describe('an instance', () => {
  test('logs a changed mode and wakes the relay', async () => {
    const { look, setState, logged, wakes, measurements } = given(modeOf('dual'))
    await look()
    expect(logged).toEqual([])
    setState({ ...modeOf('canary', 5), epoch: 5 })
    await look()
    await look()
    expect([logged, wakes()]).toEqual([['sync.mode'], 1])
    expect(measurements.count('syncMode canary')).toBe(2)
  })

  test('logs once that it cannot read the mode, and goes on when it can', async () => {
    const { look, syncModes, logged } = given()
    const { read } = syncModes
    Object.assign(syncModes, { read: () => Promise.reject(new Error('no database')) })
    for (let looks = 0; looks < 3; looks += 1) await look()
    expect(logged).toEqual(['sync.fault'])
    Object.assign(syncModes, { read })
    await look()
    Object.assign(syncModes, { read: () => Promise.reject(new Error('no database')) })
    await look()
    expect(logged).toEqual(['sync.fault', 'sync.fault'])
  })
})
