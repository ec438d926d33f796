import { describe, expect, test } from 'bun:test'
import { compareChannels } from '../../../src/adapters/cli/migration/sync-report.ts'
import type { SyncReport } from '../../../src/ports/driving/migration/sync-report.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'
import { SYNC_REPORT } from '../../support/builders/migration/sync-status.ts'

const report = (changes: Partial<SyncReport> = {}) =>
  compareChannels.run({ reportSync: async () => ({ ...SYNC_REPORT, ...changes }) }, {})
const states = (users: NonNullable<Exclude<SyncReport['states'], 'unavailable'>>['users']) => ({
  states: { shards: users?.length === 0 ? [] : [3, 17], users },
})
const NOT_YET = { isSafe: false, next: 'canary at 50 %' }

describe('a report on both channels', () => {
  test('shows mode, channels, comparison, consumers and the verdict, and ends with 0 when it is safe', async () => {
    expect(await report()).toMatchObject({
      exitCode: 0,
      lines: [
        'Mode: events, for 31 h',
        'nats:user.events  p50 4 ms  p95 9 ms  p99 – ms  12 delivered and 1 failed in 5 min  3 pending, 0 parked',
        'Delivered as an event only: 0. As a call only: 0. Out of order: 0 and 0.',
        'What Backend holds is not compared: BACKEND_DIGEST_URL is not set.',
        'chat  user.events  2 not delivered, 1 not acknowledged, 0 delivered again  the oldest for 0.5 s',
        'Safe to go on: canary at 50 %.',
      ],
    })
  })

  test('lists the reasons against the next step, and ends with 1', async () => {
    const reasons = ['at 10 % for 31 h; the plan asks for 48 h']
    const { exitCode, lines } = await report({ verdict: { ...NOT_YET, reasons } })
    expect(exitCode).toBe(1)
    expect(lines.at(-1)).toBe('Not yet: at 10 % for 31 h; the plan asks for 48 h.')
  })

  test('lists several reasons one below the other', async () => {
    const { lines } = await report({ verdict: { ...NOT_YET, reasons: ['one', 'two'] } })
    expect(lines.slice(-3)).toEqual(['Not yet:', '  - one', '  - two'])
  })

  test.each<[Partial<SyncReport>, string]>([
    [states([]), 'Backend holds the same as this service, in all 64 shards.'],
    [states(null), 'Backend holds other data in the shards 3, 17.'],
    [
      { states: 'unavailable' },
      'What Backend holds is not known: BACKEND_DIGEST_URL did not answer with a digest.',
    ],
    [
      states([{ userId: givenUserId(1), ours: 5, theirs: null }]),
      `${givenUserId(1)}: version 5 here, nothing at Backend`,
    ],
  ])('%o is described in words', async (changes, line) => {
    expect((await report(changes)).lines).toContain(line)
  })

  test('names no more than ten users', async () => {
    const users = Array.from({ length: 12 }, (_, user) => ({
      userId: givenUserId(user),
      ours: 2,
      theirs: 1,
    }))
    const { lines } = await report(states(users))
    expect(lines.filter((line) => line.includes('version 2 here'))).toHaveLength(10)
    expect(lines).toContain('and 2 more')
  })

  test('shows minutes during the first hour', async () => {
    expect((await report({ hours: 0.55 })).lines[0]).toBe('Mode: events, for 33 min')
  })
})
