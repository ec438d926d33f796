import { describe, expect, test } from 'bun:test'
import type { Evidence } from '../../../src/domain/migration/assess-next-stage.ts'
import { assessNextStage, stageOf } from '../../../src/domain/migration/assess-next-stage.ts'

const WELL: Evidence = {
  mode: 'canary',
  percent: 10,
  hours: 48,
  armed: false,
  heldUntil: null,
  guarded: true,
  p95LimitMs: 100,
  eventsP95Ms: 20,
  eventsDelivered: 5000,
  failed: 0,
  parked: 0,
  oldestPendingSeconds: 0,
  onlyEvents: 0,
  onlyCalls: 0,
  orderViolations: 0,
  differing: { shards: 0, users: 0 },
  backendReads: true,
}
const reasonsFor = (changes: Partial<Evidence>) => assessNextStage({ ...WELL, ...changes }).reasons

describe('the verdict on the rollout', () => {
  test('is that it is safe when there is no reason against it, and names the next step', () => {
    expect(assessNextStage(WELL)).toEqual({ isSafe: true, next: 'canary at 50 %', reasons: [] })
  })

  test.each([
    ['http', 0, 'dual', 0],
    ['dual', 0, 'canary at 1 %', 24],
    ['canary', 0, 'canary at 10 %', 24],
    ['canary', 1, 'canary at 10 %', 24],
    ['canary', 2, 'canary at 50 %', 48],
    ['canary', 10, 'canary at 50 %', 48],
    ['canary', 11, 'events', 48],
    ['canary', 100, 'events', 48],
    ['events', 100, 'events without BACKEND_SYNC_URL', 168],
  ] as const)(
    'after %s at %d %% comes %s, no sooner than after %d hours',
    (mode, percent, next, hours) => {
      expect(stageOf({ mode, percent })).toMatchObject({ next, hours })
    },
  )

  test('says how long the stage has lasted, and what the plan asks for', () => {
    expect(reasonsFor({ hours: 31.9 })).toEqual(['at 10 % for 31 h; the plan asks for 48 h'])
  })

  test.each<[Partial<Evidence>, string]>([
    [{ armed: true }, 'the fallback is on: HTTP calls carry what events cannot deliver now'],
    [
      { heldUntil: new Date('2026-11-24T12:00:00Z') },
      'the rollout guard stepped back and holds until 2026-11-24T12:00:00.000Z',
    ],
    [{ guarded: false }, 'Backend does not say that it drops old versions (x-sync-guard)'],
    [{ eventsDelivered: 29 }, 'only 29 events in the last 5 minutes; at least 30 are needed'],
    [{ eventsDelivered: 1 }, 'only 1 event in the last 5 minutes; at least 30 are needed'],
    [{ eventsP95Ms: 101 }, '95 of 100 events take up to 101 ms; the limit is 100 ms'],
    [{ failed: 3 }, '3 attempts failed on the event channel in the last 5 minutes'],
    [{ parked: 2 }, '2 deliveries are parked'],
    [{ parked: 1 }, '1 delivery is parked'],
    [{ oldestPendingSeconds: 7.4 }, 'the oldest delivery has waited for 7 s'],
    [{ onlyEvents: 1 }, '1 change delivered as event and not as HTTP call'],
    [{ onlyCalls: 2 }, '2 changes delivered as HTTP call and not as event'],
    [{ orderViolations: 4 }, '4 changes out of order'],
    [{ differing: { shards: 2, users: 3 } }, 'Backend differs from this service in 3 users'],
    [
      { differing: { shards: 2, users: null } },
      'Backend differs from this service in 2 of 64 shards',
    ],
    [
      { backendReads: false },
      'no consumer named backend reads the subject that Backend is to follow',
    ],
  ])('%o speaks against it alone', (changes, reason) => {
    expect(reasonsFor(changes)).toEqual([reason])
  })

  test.each<Partial<Evidence>>([
    { eventsP95Ms: 100 },
    { oldestPendingSeconds: 5 },
    { eventsDelivered: 30 },
    { differing: null },
    { differing: { shards: 2, users: 0 } },
  ])('%o does not', (changes) => {
    expect(reasonsFor(changes)).toEqual([])
  })

  test('before any event is published asks nothing of the event channel', () => {
    const before = { mode: 'http', percent: 0, hours: 0 } as const
    expect(
      reasonsFor({
        ...before,
        eventsDelivered: 0,
        eventsP95Ms: null,
        backendReads: false,
        guarded: false,
      }),
    ).toEqual([])
  })

  test('lists all reasons against it together', () => {
    expect(reasonsFor({ hours: 1, parked: 1, onlyCalls: 1 })).toHaveLength(3)
  })
})
