import { describe, expect, test } from 'bun:test'
import type { Session } from '../../../src/domain/sessions/session.ts'
import {
  isLive,
  isRecentlyAuthenticated,
  ROTATION_GRACE_SECONDS,
  rotated,
  startSession,
  tokenStatus,
} from '../../../src/domain/sessions/session.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'
import {
  afterStart,
  givenClient,
  givenSession,
  givenSessionId,
  LIFETIMES,
  START,
} from '../../support/builders/sessions/given-sessions.ts'

const { idleSeconds, absoluteSeconds } = LIFETIMES

/** A session whose tokens were used at these seconds after its start. */
const usedAt = (...seconds: readonly number[]): Session =>
  seconds.reduce(
    (session, second) => rotated(session, LIFETIMES, afterStart(second)),
    givenSession(),
  )

describe('a session', () => {
  test('starts at its first generation, recently authenticated, with both expiries in the future', () => {
    expect(givenSession()).toEqual({
      id: givenSessionId(1),
      userId: givenUserId(1),
      generation: 1,
      salt: new Uint8Array(16),
      createdAt: START,
      lastUsedAt: START,
      authenticatedAt: START,
      idleExpiresAt: afterStart(idleSeconds),
      absoluteExpiresAt: afterStart(absoluteSeconds),
      endedAt: null,
      rotations: [],
      ...givenClient(),
    })
  })

  test('whose absolute lifetime is shorter than its idle time ends at its absolute end [SE5]', () => {
    const short = { idleSeconds: 100, absoluteSeconds: 50 }
    const session = startSession(
      givenSessionId(1),
      givenUserId(1),
      new Uint8Array(16),
      givenClient(),
      short,
      START,
    )
    expect(session.idleExpiresAt).toEqual(afterStart(50))
    expect(isLive(session, afterStart(50))).toBe(false)
  })

  test('ends when it was idle for too long [SE5]', () => {
    const session = usedAt(1000)
    expect(isLive(session, afterStart(1000 + idleSeconds - 0.001))).toBe(true)
    expect(isLive(session, afterStart(1000 + idleSeconds))).toBe(false)
    expect(tokenStatus(session, 2, afterStart(1000 + idleSeconds))).toBe('ended')
  })

  test('ends at its absolute end however often it was used, which no use moves [SE5]', () => {
    const days = Array.from({ length: 30 }, (_, day) => day * 86_400)
    const session = usedAt(...days, absoluteSeconds - 1)
    expect(session.absoluteExpiresAt).toEqual(afterStart(absoluteSeconds))
    expect(session.idleExpiresAt).toEqual(afterStart(absoluteSeconds))
    expect(tokenStatus(session, session.generation, afterStart(absoluteSeconds - 1))).toBe(
      'current',
    )
    expect(tokenStatus(session, session.generation, afterStart(absoluteSeconds))).toBe('ended')
  })

  test('that was ended gives every token the status ended', () => {
    const session = { ...usedAt(1, 2), endedAt: afterStart(3) }
    expect(
      [1, 2, 3, 4].map((generation) => tokenStatus(session, generation, afterStart(3))),
    ).toEqual(['ended', 'ended', 'ended', 'ended'])
  })

  test('counts as recently authenticated for five minutes, and a refresh does not extend that', () => {
    expect(isRecentlyAuthenticated(givenSession(), afterStart(300))).toBe(true)
    expect(isRecentlyAuthenticated(givenSession(), afterStart(300.001))).toBe(false)
    expect(isRecentlyAuthenticated(usedAt(299, 301), afterStart(301))).toBe(false)
  })
})

describe('a refresh token', () => {
  test('is current until it is rotated', () => {
    expect(tokenStatus(givenSession(), 1, afterStart(1000))).toBe('current')
  })

  test('that was rotated is in grace for ten seconds, then reused [SE4]', () => {
    const session = usedAt(100)
    const at = (seconds: number) => tokenStatus(session, 1, afterStart(100 + seconds))
    expect([0, ROTATION_GRACE_SECONDS, ROTATION_GRACE_SECONDS + 0.001].map(at)).toEqual([
      'in-grace',
      'in-grace',
      'reused',
    ])
    expect(at(ROTATION_GRACE_SECONDS + 1)).toBe('reused')
  })

  test('has a grace of its own, counted from its own rotation [SE4]', () => {
    const session = usedAt(0, 4, 8, 12)
    const statuses = [1, 2, 3, 4, 5].map((generation) =>
      tokenStatus(session, generation, afterStart(12)),
    )
    expect(statuses).toEqual(['reused', 'in-grace', 'in-grace', 'in-grace', 'current'])
    expect(tokenStatus(session, 2, afterStart(15))).toBe('reused')
  })

  test('of a generation that was never made is unknown', () => {
    const session = usedAt(1)
    const generations = [3, 1_000_000, 0, -1]
    expect(
      generations.map((generation) => tokenStatus(session, generation, afterStart(2))),
    ).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
  })

  test('in its grace period stays in it when a later rotation has a timestamp of a slow clock [SE4]', () => {
    const session = usedAt(103, 101, 112)
    expect(tokenStatus(session, 1, afterStart(112))).toBe('in-grace')
    expect(tokenStatus(session, 2, afterStart(112))).toBe('reused')
    expect(tokenStatus(session, 3, afterStart(112))).toBe('in-grace')
  })

  test('keeps no rotation that is older than the grace period', () => {
    expect(usedAt(0, 1, 2, 100, 109, 111).rotations).toEqual([111, 109].map(afterStart))
  })
})
