import { describe, expect, test } from 'bun:test'
import { pause } from '../../../src/adapters/platform/pause.ts'
import { makeReportSync } from '../../../src/application/migration/report-sync.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { ChannelStatus, SyncStatus } from '../../../src/ports/driving/migration/sync-mode.ts'
import { SYNC_STATE, SYNC_STATUS } from '../../support/builders/migration/sync-status.ts'

const EVENTS = 'nats:user.events'
const CALLS = 'http:backend'
const SINCE = new Date('2026-11-22T09:00:00.000Z')
const figures = { p50Ms: 4, p95Ms: 9, p99Ms: 12, publishedLast5m: 500, failedLast5m: 0 }
const channel = (changes: Partial<ChannelStatus> = {}): ChannelStatus => ({
  channel: EVENTS,
  state: 'active',
  pending: 0,
  parked: 0,
  oldestPendingSeconds: null,
  statistics: figures,
  ...changes,
})
const consumer = (name: string, subject: string) => ({
  name,
  subject,
  pending: 0,
  ackPending: 0,
  redelivered: 0,
  oldestUnackedSeconds: null,
})

type Options = Omit<Partial<SyncStatus>, 'guard'> & {
  readonly guard?: 'version' | 'none'
  readonly only?: Readonly<Record<string, number>>
  readonly compare?: (() => Promise<never>) | null
  readonly compareTimeoutMs?: number
}

/** Canary at 10 % for 49 hours, without any problem except those that are given. */
const reportOf = ({
  guard = 'version',
  only = {},
  compare = null,
  compareTimeoutMs,
  ...status
}: Options = {}) =>
  makeReportSync({
    readSyncStatus: async () => ({
      ...SYNC_STATUS,
      state: { ...SYNC_STATE, mode: 'canary', percent: 10, changedAt: SINCE },
      channels: [channel(), channel({ channel: CALLS })],
      consumers: [consumer('backend', 'user.events')],
      ...status,
    }),
    syncModes: {
      deployment: async () => ({
        settings: null,
        hasReceiver: true,
        channels: [EVENTS, CALLS],
        guard,
        consumers: null,
      }),
    },
    comparison: {
      onlyOn: async (done) => only[done] ?? 0,
      orderViolations: async (one) => only[`order ${one}`] ?? 0,
      digest: async () => [],
      users: async () => [],
      underWay: async () => new Set(),
    },
    compareStates: compare,
    compareTimeoutMs: compareTimeoutMs ?? null,
    pause,
    backendChannel: EVENTS,
    p95LimitMs: 100,
    clock: () => new Date('2026-11-24T10:00:00.000Z'),
  })()

const reasonsFor = async (options: Options) => (await reportOf(options)).verdict.reasons

describe('the report on moving over', () => {
  test('is that it is safe when everything is well, with the hours since the last change', async () => {
    const { verdict, hours } = await reportOf()
    expect(verdict).toEqual({ isSafe: true, next: 'canary at 50 %', reasons: [] })
    expect(hours).toBe(49)
  })

  test('counts the changes that one channel alone has, and those out of order on both', async () => {
    const only = { [EVENTS]: 2, [CALLS]: 3, [`order ${EVENTS}`]: 1, [`order ${CALLS}`]: 4 }
    const report = await reportOf({ only })
    expect(report).toMatchObject({
      onlyEvents: 2,
      onlyCalls: 3,
      outOfOrder: { events: 1, calls: 4 },
    })
    expect(report.verdict.reasons).toEqual([
      '2 changes delivered as event and not as HTTP call',
      '3 changes delivered as HTTP call and not as event',
      '5 changes out of order',
    ])
  })

  test('shows the worst of all channels that are in use', async () => {
    const channels = [
      channel({ oldestPendingSeconds: 1, parked: 1 }),
      channel({ channel: CALLS, oldestPendingSeconds: 9, parked: 2 }),
    ]
    expect(await reasonsFor({ channels })).toEqual([
      '3 deliveries are parked',
      'the oldest delivery has waited for 9 s',
    ])
  })

  test('does not count what waits on a channel that is not in use', async () => {
    const channels = [channel(), channel({ channel: CALLS, state: 'silent', parked: 4 })]
    expect(await reasonsFor({ channels })).toEqual([])
  })

  test('asks whether Backend drops old versions', async () => {
    expect(await reasonsFor({ guard: 'none' })).toEqual([
      'Backend does not say that it drops old versions (x-sync-guard)',
    ])
  })

  test.each([
    [[consumer('social', 'user.events')]],
    [[consumer('backend', 'user.events.v2')]],
    [[]],
  ])('asks that Backend itself reads the subject, which %j does not', async (consumers) => {
    expect(await reasonsFor({ consumers })).toEqual([
      'no consumer named backend reads the subject that Backend is to follow',
    ])
  })

  test('takes a consumer of several subjects for one of each', async () => {
    expect(await reasonsFor({ consumers: [consumer('backend', 'x,user.events')] })).toEqual([])
  })

  test('goes on without a digest where Backend does not answer, and says so', async () => {
    const compare = () => Promise.reject(new Unavailable('no answer'))
    const { states, verdict } = await reportOf({ compare })
    expect([states, verdict.isSafe]).toEqual(['unavailable', true])
  })

  test('does not wait for a digest longer than it has patience, and says so', async () => {
    const compare = () => new Promise<never>(() => {})
    expect((await reportOf({ compare, compareTimeoutMs: 1 })).states).toBe('unavailable')
  })

  test('fails when its own queries fail', async () => {
    const compare = () => Promise.reject(new Error('a bug'))
    await expect(reportOf({ compare })).rejects.toThrow('a bug')
  })

  test('ignores a hold that has ended', async () => {
    const held = (hours: number) => ({
      state: {
        ...SYNC_STATE,
        ...({ mode: 'canary', percent: 10, changedAt: SINCE } as const),
        heldUntil: new Date(Date.UTC(2026, 10, 24, hours)),
      },
    })
    expect(await reasonsFor(held(9))).toEqual([])
    expect(await reasonsFor(held(11))).toHaveLength(1)
  })
})
