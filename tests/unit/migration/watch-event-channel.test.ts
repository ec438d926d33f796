import { describe, expect, test } from 'bun:test'
import { makeLegJournal } from '../../../src/application/migration/channel-journal.ts'
import { makeWatchEventsLeg } from '../../../src/application/migration/watch-event-channel.ts'
import type { SyncState } from '../../../src/ports/driven/migration/sync-modes.ts'
import { modeOf } from '../../support/builders/given-mode.ts'
import { NOON } from '../../support/builders/stored-users.ts'
import { listedMeasurements } from '../../support/fakes/listed-measurements.ts'
import { listedSyncModes } from '../../support/fakes/listed-sync-modes.ts'

const given = (state: Partial<SyncState> = modeOf('events'), delivers = true) => {
  const modes = listedSyncModes(state)
  const logged: string[] = []
  const measurements = listedMeasurements()
  let now = 0
  let isReady = true
  let wakes = 0
  const look = makeWatchEventsLeg({
    ...{ syncModes: modes.syncModes, backendChannel: 'nats:user.events', delivers, measurements },
    ...{ journal: makeLegJournal(() => NOON), isReady: () => isReady, monotonic: () => now },
    wakeRelay: () => {
      wakes += 1
    },
    log: (_, event) => logged.push(event),
  })
  return {
    ...{ ...modes, logged, measurements, wakes: () => wakes },
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

describe('calls that stand by', () => {
  test('stay where they are while events go', async () => {
    const { look, waits, state, armings } = given()
    for (const seconds of [0, 1, 3]) {
      waits(seconds)
      await look()
    }
    expect([state().armed, armings()]).toEqual([false, 0])
  })

  test('go when a change has waited for more than 3 seconds', async () => {
    const { look, waits, state, logged, wakes } = given()
    waits(3.1)
    await look()
    expect([state().armed, logged, wakes()]).toEqual([true, ['sync.armed'], 1])
  })

  test('go when the broker cannot be reached for a second, and not for a moment', async () => {
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

  test('go on being armed while the trouble lasts, said once', async () => {
    const { look, waits, armings, logged } = given()
    waits(4)
    for (let looks = 0; looks < 5; looks += 1) await look()
    expect([armings(), logged]).toEqual([5, ['sync.armed']])
  })

  test('stand by again once the broker is well', async () => {
    const { look, waits, state, logged } = given()
    waits(4)
    await look()
    waits(0)
    await look()
    expect([state().armed, logged]).toEqual([false, ['sync.armed', 'sync.disarmed']])
  })

  test('are not armed in http and dual, where calls lead anyway', async () => {
    for (const mode of [modeOf('http'), modeOf('dual')]) {
      const { look, waits, lose, armings } = given(mode)
      waits(60)
      lose()
      for (let looks = 0; looks < 5; looks += 1) await look()
      expect(armings()).toBe(0)
    }
  })

  test('stay away from a receiver that takes whatever comes last, said once', async () => {
    const { look, waits, syncModes, armings, logged } = given()
    await syncModes.note({ guard: 'none' })
    waits(9)
    for (let looks = 0; looks < 3; looks += 1) await look()
    expect([armings(), logged]).toEqual([0, ['sync.not-armed']])
  })

  test('are left to the instances that deliver', async () => {
    const { look, waits, armings } = given(modeOf('events'), false)
    waits(9)
    await look()
    expect(armings()).toBe(0)
  })
})

describe('an instance', () => {
  test('notices another mode, says so and looks for what to deliver', async () => {
    const { look, become, logged, wakes, measurements } = given(modeOf('dual'))
    await look()
    expect(logged).toEqual([])
    become({ ...modeOf('canary', 5), epoch: 5 })
    await look()
    await look()
    expect([logged, wakes()]).toEqual([['sync.mode'], 1])
    expect(measurements.count('syncMode canary')).toBe(2)
  })

  test('says once that it cannot look, and goes on when it can', async () => {
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
