import { describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import type { ChannelJournal } from '../../../src/application/migration/channel-journal.ts'
import type { RolloutGuardPolicy } from '../../../src/application/migration/rollout-guard.ts'
import { makeRolloutGuard } from '../../../src/application/migration/rollout-guard.ts'
import type { SyncState, VersionGuard } from '../../../src/domain/migration/sync-state.ts'
import { secondsAfter } from '../../../src/domain/shared/instants.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { modeOf } from '../../support/builders/migration/given-mode.ts'
import { listedSyncModes } from '../../support/fakes/migration/listed-sync-modes.ts'
import { listedMeasurements } from '../../support/fakes/operations/listed-measurements.ts'

/** A channel whose last 200 deliveries all took so long; null for a channel without deliveries. */
const journalOf = (latencyMs: () => number | null): ChannelJournal => ({
  observe: (sender) => sender,
  recordReadiness: () => {},
  recordTakeover: () => {},
  delivered: () => {
    const latency = latencyMs()
    const acknowledgedAt = NOON.getTime()
    return latency === null
      ? []
      : Array.from({ length: 200 }, () => ({
          committedAt: acknowledgedAt - latency,
          acknowledgedAt,
        }))
  },
  interruptions: () => [],
})

type Given = {
  readonly state?: Partial<SyncState>
  readonly policy?: RolloutGuardPolicy
  readonly callsMs?: number | null
  readonly isClosed?: boolean
  readonly answer?: VersionGuard
}

const given = ({ state = modeOf('canary', 50), policy = 'act', ...calls }: Given = {}) => {
  const { callsMs = null, isClosed = true, answer = 'version' } = calls
  const modes = listedSyncModes(state)
  const measurements = listedMeasurements()
  const logged: string[] = []
  const audited: unknown[] = []
  let eventsMs: number | null = 5
  const guard = makeRolloutGuard({
    policy,
    limitMs: 100,
    syncModes: modes.syncModes,
    backendChannel: 'nats:user.events',
    journals: { events: journalOf(() => eventsMs), calls: journalOf(() => callsMs) },
    receiver: { isReady: () => isClosed },
    versionGuard: { ask: async () => answer },
    stores: {
      audit: {
        append: async ({ details }) => {
          audited.push(details)
        },
      },
    },
    identifiers: { replayId: v7 },
    announceMode: () => logged.push('announced'),
    measurements,
    clock: () => NOON,
    log: (level, event) => logged.push(`${level} ${event}`),
  })
  const check = async (checks: number) => {
    for (let count = 0; count < checks; count += 1) await guard.check()
  }
  return {
    ...modes,
    guard,
    check,
    measurements,
    logged,
    audited,
    take: (milliseconds: number | null) => {
      eventsMs = milliseconds
    },
  }
}

describe('the rollout guard', () => {
  test('does nothing while the event channel is well', async () => {
    const { check, state, guard } = given()
    await check(10)
    expect([state().mode, guard.status()]).toEqual(['canary', { state: 'well', breaches: 0 }])
  })

  test('steps back to dual at the third failed check in a row, says why, and holds 15 minutes', async () => {
    const { check, take, state, guard, audited, logged } = given()
    take(250)
    await check(2)
    expect([state().mode, guard.status()]).toEqual(['canary', { state: 'breached', breaches: 2 }])
    await check(1)
    expect(state()).toMatchObject({
      ...modeOf('dual'),
      changedBy: 'guard',
      heldUntil: secondsAfter(NOON, 900),
      reason: 'the rollout guard: 95 of 100 events took up to 250 ms, in 3 checks in a row',
    })
    expect(audited).toEqual([
      'canary at 50 % to dual: the rollout guard: 95 of 100 events took up to 250 ms, in 3 checks in a row',
    ])
    expect(logged.slice(-2)).toEqual(['error sync.stepped-down', 'announced'])
  })

  test('counts failed checks anew after one that is well', async () => {
    const { check, take, state } = given()
    for (let round = 0; round < 5; round += 1) {
      take(250)
      await check(2)
      take(5)
      await check(1)
    }
    expect(state().mode).toBe('canary')
  })

  test('steps back without a single delivery when a change waits too long', async () => {
    const { check, take, waits, state } = given({ state: modeOf('events') })
    take(null)
    waits(6)
    await check(3)
    expect(state()).toMatchObject({
      mode: 'dual',
      reason: expect.stringContaining('waited for 6 s'),
    })
  })

  test('never steps forward, however well both channels are', async () => {
    for (const mode of [modeOf('http'), modeOf('dual'), modeOf('canary', 1)]) {
      const { check, state } = given({ state: mode })
      await check(20)
      expect(state()).toMatchObject({ ...mode, epoch: 4 })
    }
  })

  test('does nothing where Backend follows HTTP calls, whatever the events do', async () => {
    const { check, take, state, guard } = given({ state: modeOf('dual') })
    take(9000)
    await check(5)
    expect([state().epoch, guard.status()]).toEqual([4, { state: 'idle', breaches: 0 }])
  })

  test.each([
    ['calls fail', { isClosed: false }],
    ['nobody answers', { answer: 'unknown' as const }],
    ['calls are slower', { callsMs: 300 }],
  ])('stays and alarms when %s', async (_, calls) => {
    const { check, take, state, guard, logged, measurements } = given(calls)
    take(250)
    await check(4)
    expect([state().epoch, guard.status()]).toEqual([4, { state: 'stuck', breaches: 4 }])
    expect(logged.filter((line) => line === 'error sync.stuck')).toHaveLength(2)
    expect(measurements.count('guard 4 true')).toBe(1)
  })

  test('steps back to HTTP calls that are quicker, whether Backend drops old versions or not', async () => {
    for (const answer of ['version', 'none'] as const) {
      const { check, take, state } = given({ callsMs: 200, answer })
      take(250)
      await check(3)
      expect(state().mode).toBe('dual')
    }
  })

  test('only logs where it is to observe, and does nothing where it is off', async () => {
    const observing = given({ policy: 'observe' })
    observing.take(250)
    await observing.check(5)
    expect(observing.state().epoch).toBe(4)
    expect(observing.logged).toEqual(Array<string>(5).fill('warn sync.breach'))
    const off = given({ policy: 'off' })
    off.take(250)
    await off.check(5)
    expect([off.state().epoch, off.logged, off.guard.status().state]).toEqual([4, [], 'off'])
  })

  test('changes nothing when somebody else has changed the mode in the meantime', async () => {
    const { check, take, syncModes, setState, state, audited } = given()
    take(250)
    await check(2)
    const read = syncModes.read
    Object.assign(syncModes, {
      read: async () => {
        const seen = await read()
        setState({ ...modeOf('events'), epoch: 9, changedBy: 'owner' })
        return seen
      },
    })
    await check(1)
    expect([state().epoch, state().mode, audited]).toEqual([9, 'events', []])
  })
})
