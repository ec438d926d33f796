import { describe, expect, test } from 'bun:test'
import { v7 } from 'uuid'
import { makeChangeSyncMode } from '../../../src/application/migration/change-sync-mode.ts'
import type {
  Deployment,
  SyncState,
  VersionGuard,
} from '../../../src/domain/migration/sync-state.ts'
import { secondsAfter } from '../../../src/domain/shared/instants.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import type { SyncModeRequest } from '../../../src/ports/driving/migration/sync-mode.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { modeOf } from '../../support/builders/migration/given-mode.ts'
import { listedSyncModes } from '../../support/fakes/migration/listed-sync-modes.ts'

type Given = {
  readonly state?: Partial<SyncState>
  readonly deployment?: Partial<Deployment>
  /** What Backend answers; undefined where it cannot be asked. */
  readonly answer?: VersionGuard
}

const given = async ({ state = modeOf('dual'), deployment = {}, answer }: Given = {}) => {
  const modes = listedSyncModes(state)
  await modes.syncModes.noteDeployment(deployment)
  const audited: AuditEntry[] = []
  let announced = 0
  let asked = 0
  const change = makeChangeSyncMode({
    syncModes: modes.syncModes,
    versionGuard:
      answer === undefined
        ? null
        : {
            ask: async () => {
              asked += 1
              return answer
            },
          },
    stores: {
      audit: {
        append: async (entry) => {
          audited.push(entry)
        },
      },
    },
    identifiers: { replayId: v7 },
    announceMode: () => {
      announced += 1
    },
    log: () => {},
    clock: () => NOON,
  })
  const set = (request: Partial<SyncModeRequest>, expected: readonly number[] | null = null) =>
    change(
      {
        mode: 'canary',
        percent: null,
        dualWrite: null,
        confirmSilence: [],
        acceptGap: false,
        reason: 'a test',
        ...request,
      },
      expected,
      null,
    )
  return { ...modes, set, audited, announced: () => announced, asked: () => asked }
}

const obstacle = (kind: string, more = {}) => ({
  ok: false,
  refusal: { kind: 'mode-not-allowed', obstacle: { kind, ...more } },
})

describe('changing the mode', () => {
  test('takes effect, is in the audit trail and is announced to every instance', async () => {
    const { set, state, audited, announced } = await given()
    expect(await set({ percent: 10, reason: '  the first tenth ' })).toMatchObject({ ok: true })
    expect(state()).toMatchObject({
      ...modeOf('canary', 10),
      epoch: 5,
      changedBy: 'owner',
      reason: 'the first tenth',
    })
    expect(audited).toMatchObject([
      { action: 'sync.changed', details: 'dual to canary at 10 %: the first tenth' },
    ])
    expect(announced()).toBe(1)
  })

  test('to the present mode changes nothing', async () => {
    const { set, state, audited } = await given()
    expect(await set({ mode: 'dual' })).toEqual({ ok: true, value: state() })
    expect(state().epoch).toBe(4)
    expect(audited).toEqual([])
  })

  test('is refused at another epoch than expected, and allowed at that one', async () => {
    const { set } = await given()
    expect(await set({ percent: 1 }, [3, 5])).toEqual({
      ok: false,
      refusal: { kind: 'version-mismatch' },
    })
    expect(await set({ percent: 1 }, [])).toMatchObject({ refusal: { kind: 'version-mismatch' } })
    expect(await set({ percent: 1 }, [4])).toMatchObject({ ok: true })
  })

  test.each([
    [{ mode: 'nats' }, 'mode', 'unknown-mode'],
    [{ mode: '' }, 'mode', 'unknown-mode'],
    [{ percent: 101 }, 'percent', 'out-of-range'],
    [{ percent: null }, 'percent', 'required'],
    [{ mode: 'events', percent: 5 }, 'percent', 'only-canary'],
    [{ mode: 'http', dualWrite: true }, 'dualWrite', 'fixed-by-mode'],
    [{ mode: 'events', reason: '  ' }, 'reason', 'no-reason'],
    [{ mode: 'events', reason: 'x'.repeat(501) }, 'reason', 'no-reason'],
    [{ mode: 'events', reason: 'two\nlines' }, 'reason', 'no-reason'],
  ])('is refused for %j at %s as %s', async (request, field, code) => {
    const { set, state } = await given()
    expect(await set(request)).toEqual({
      ok: false,
      refusal: { kind: 'invalid-sync-mode', problem: { field, code } },
    } as never)
    expect(state().epoch).toBe(4)
  })

  test('without a receiver of HTTP calls allows events alone', async () => {
    const { set } = await given({ deployment: { hasReceiver: false } })
    for (const request of [
      { mode: 'http', confirmSilence: ['x'] },
      { percent: 5 },
      { mode: 'events', dualWrite: true },
    ])
      expect(await set(request)).toEqual(obstacle('no-receiver') as never)
    expect(await set({ mode: 'events' })).toMatchObject({ ok: true })
  })
})

describe('a receiver that has to drop old versions', () => {
  test.each(['none', 'unknown'] as const)('refuses canary and events with %s', async (guard) => {
    const kind = guard === 'none' ? 'receiver-not-guarded' : 'receiver-silent'
    for (const request of [{ percent: 0 }, { percent: 1 }, { mode: 'events' }]) {
      const { set, state } = await given({ deployment: { guard } })
      expect(await set(request)).toEqual(obstacle(kind) as never)
      expect(state().epoch).toBe(4)
    }
  })

  test('refuses a second way for everybody in events', async () => {
    const { set } = await given({ state: modeOf('events'), deployment: { guard: 'none' } })
    expect(await set({ mode: 'events', dualWrite: true })).toEqual(
      obstacle('receiver-not-guarded') as never,
    )
  })

  test('is asked again at each step forward, and its answer is stored', async () => {
    const { set, deployment, asked } = await given({
      deployment: { guard: 'none' },
      answer: 'version',
    })
    expect(await set({ percent: 1 })).toMatchObject({ ok: true })
    expect([asked(), deployment().guard]).toEqual([1, 'version'])
  })

  test('that no longer drops old versions is refused, whatever it said before', async () => {
    const { set } = await given({ answer: 'none' })
    expect(await set({ percent: 1 })).toEqual(obstacle('receiver-not-guarded') as never)
  })

  test('that does not answer now counts by what it said before', async () => {
    const { set } = await given({ answer: 'unknown' })
    expect(await set({ percent: 1 })).toMatchObject({ ok: true })
  })

  test('is not asked when the mode steps back', async () => {
    for (const request of [{ percent: 10 }, { mode: 'dual' }]) {
      const { set, asked } = await given({ state: modeOf('canary', 50), answer: 'none' })
      expect(await set(request)).toMatchObject({ ok: true })
      expect(asked()).toBe(0)
    }
  })
})

describe('while the rollout guard holds', () => {
  const held = { ...modeOf('dual'), heldUntil: secondsAfter(NOON, 60) }

  test('no step forward is allowed', async () => {
    const { set } = await given({ state: held })
    for (const request of [{ percent: 1 }, { mode: 'events' }])
      expect(await set(request)).toEqual(obstacle('held', { until: held.heldUntil }) as never)
  })

  test('a change to http and back to dual is allowed, and the hold stays', async () => {
    const { set, state } = await given({ state: held })
    expect(await set({ mode: 'http' })).toMatchObject({ ok: true })
    expect(await set({ percent: 1 })).toEqual(obstacle('held', { until: held.heldUntil }) as never)
    expect(await set({ mode: 'dual' })).toMatchObject({ ok: true })
    expect(state().heldUntil).toEqual(held.heldUntil)
  })

  test('a change is allowed after the end of the hold', async () => {
    const { set, state } = await given({ state: { ...modeOf('dual'), heldUntil: NOON } })
    expect(await set({ percent: 1 })).toMatchObject({ ok: true })
    expect(state().heldUntil).toBeNull()
  })
})

describe('falling silent', () => {
  const consumers = ['backend', 'chat', 'social']

  test('is allowed only with the names of all consumers that would receive no more events', async () => {
    const { set } = await given({ deployment: { consumers } })
    expect(await set({ mode: 'http' })).toEqual(
      obstacle('consumers-fall-silent', { consumers: ['chat', 'social'] }) as never,
    )
    expect(await set({ mode: 'http', confirmSilence: ['chat'] })).toEqual(
      obstacle('consumers-fall-silent', { consumers: ['social'] }) as never,
    )
    expect(await set({ mode: 'http', confirmSilence: ['social', 'chat'] })).toMatchObject({
      ok: true,
    })
  })

  test('needs a name when the consumers are unknown', async () => {
    const { set } = await given({ deployment: { consumers: null } })
    expect(await set({ mode: 'http' })).toEqual(
      obstacle('consumers-fall-silent', { consumers: null }) as never,
    )
    expect(await set({ mode: 'http', confirmSilence: ['whoever'] })).toMatchObject({ ok: true })
  })
})

describe('a gap', () => {
  test('needs a snapshot, or to be accepted', async () => {
    const { set, state, hasGapSince } = await given({ state: modeOf('http') })
    hasGapSince(NOON)
    expect(await set({ mode: 'dual' })).toEqual({
      ok: false,
      refusal: { kind: 'snapshot-needed', silentSince: NOON },
    })
    expect(state().mode).toBe('http')
    expect(await set({ mode: 'dual', acceptGap: true })).toMatchObject({ ok: true })
  })
})
