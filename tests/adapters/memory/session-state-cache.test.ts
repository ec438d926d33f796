import { describe, expect, test } from 'bun:test'
import { makeSessionStateCache } from '../../../src/adapters/memory/session-state-cache.ts'
import { startSession } from '../../../src/domain/sessions/session.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'
import type { SessionId } from '../../../src/domain/shared/ids.ts'
import { parseSessionId } from '../../../src/domain/shared/ids.ts'
import type {
  SessionState,
  SessionStates,
} from '../../../src/ports/driven/sessions/session-states.ts'
import { givenEvent, givenUserId } from '../../support/builders/events/given-events.ts'

const NOW = new Date('2026-11-24T12:00:00.000Z')
const CLIENT = { userAgent: null, addressPrefix: '203.0.113.7' as AddressPrefix }
const LIFETIMES = { idleSeconds: 60, absoluteSeconds: 60 }

const sessionId = (number: number): SessionId => {
  const id = parseSessionId(`0198f3a2-0000-7000-9000-${String(number).padStart(12, '0')}`)
  if (id === null) throw new Error('not a session id')
  return id
}
const S1 = sessionId(1)
const S2 = sessionId(2)
const U1 = givenUserId(1)

const stateOf = (id: SessionId, version = 1): SessionState => ({
  session: startSession(id, U1, new Uint8Array(16), CLIENT, LIFETIMES, NOW),
  user: { ...givenEvent(1, version, NOW).state, id: U1, createdAt: NOW, updatedAt: NOW, version },
})

/** A cache over a store that answers at once, unless the test holds its answers. */
const given = (capacity = 100, mayKeep = () => true) => {
  let elapsed = 0
  let version = 1
  let held = Promise.resolve()
  const asked: SessionId[] = []
  const unknown = new Set<SessionId>()
  const states = makeSessionStateCache({
    read: async (id) => {
      asked.push(id)
      const state = unknown.has(id) ? null : stateOf(id, version)
      await held
      return state
    },
    now: () => elapsed,
    capacity,
    mayKeep,
  })
  /** Holds answers until the returned function releases them or makes them fail. */
  const hold = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    held = promise
    return (fault?: Error) => {
      held = Promise.resolve()
      if (fault === undefined) resolve()
      else reject(fault)
    }
  }
  return {
    states,
    asked,
    unknown,
    hold,
    change: () => {
      version += 1
    },
    pass: (milliseconds: number) => {
      elapsed += milliseconds
    },
  }
}

const versionOf = (state: SessionState | null) => state?.user.version ?? null

describe('session states kept for a second', () => {
  test('an answer serves until a second after the start of its query, not of its arrival', async () => {
    const { states, asked, hold, change, pass } = given()
    const release = hold()
    const finding = states.find(S1)
    pass(600)
    release()
    await finding
    change()
    pass(399)
    expect(versionOf(await states.find(S1))).toBe(1)
    pass(1)
    expect(versionOf(await states.find(S1))).toBe(2)
    expect(asked).toHaveLength(2)
  })

  test('callers at the same time share one query', async () => {
    const { states, asked } = given()
    const found = await Promise.all(Array.from({ length: 20 }, () => states.find(S1)))
    expect(found.map(versionOf)).toEqual(Array(20).fill(1))
    expect(asked).toEqual([S1])
  })

  test('a query that is already a second under way is not joined', async () => {
    const { states, asked, hold, pass } = given()
    const release = hold()
    const early = states.find(S1)
    pass(1000)
    const late = states.find(S1)
    release()
    await Promise.all([early, late])
    expect(asked).toHaveLength(2)
  })

  const FORGETS = [
    ['its session', (states: SessionStates) => states.forgetSession(S1)],
    ['its user', (states: SessionStates) => states.forgetUser(U1)],
    ['everything', (states: SessionStates) => states.forgetEverything()],
  ] as const
  for (const [what, forget] of FORGETS) {
    test(`an answer is read again after ${what} was forgotten [JW13]`, async () => {
      const { states, asked, change } = given()
      await states.find(S1)
      change()
      expect(versionOf(await states.find(S1))).toBe(1)
      forget(states)
      expect(versionOf(await states.find(S1))).toBe(2)
      expect(asked).toHaveLength(2)
    })

    test(`an answer whose query began before ${what} was forgotten is not used [JW13]`, async () => {
      const { states, asked, hold, change } = given()
      const release = hold()
      const early = states.find(S1)
      change()
      forget(states)
      const late = states.find(S1)
      release()
      expect([versionOf(await early), versionOf(await late)]).toEqual([2, 2])
      expect(versionOf(await states.find(S1))).toBe(2)
      expect(asked).toHaveLength(2)
    })
  }

  test('forgetting one session leaves the others of its user alone', async () => {
    const { states, asked } = given()
    await Promise.all([states.find(S1), states.find(S2)])
    states.forgetSession(S1)
    await states.find(S2)
    expect(asked).toEqual([S1, S2])
  })

  test('an unknown session is asked for each time', async () => {
    const { states, unknown } = given()
    unknown.add(S1)
    expect(await states.find(S1)).toBeNull()
    unknown.clear()
    expect(versionOf(await states.find(S1))).toBe(1)
  })

  test('an answer that nothing was found does not remove a newer one', async () => {
    const { states, asked, unknown, hold } = given()
    const release = hold()
    unknown.add(S1)
    const early = states.find(S1)
    unknown.clear()
    states.forgetSession(S2)
    states.forgetEverything()
    const releaseLate = hold()
    const late = states.find(S1)
    releaseLate()
    expect(versionOf(await late)).toBe(1)
    release()
    expect(versionOf(await early)).toBe(1)
    expect(asked).toHaveLength(2)
  })

  test('a fault reaches every caller of its query and is not kept', async () => {
    const { states, hold } = given()
    const fail = hold()
    const findings = [states.find(S1), states.find(S1)]
    fail(new Error('no connection'))
    const outcomes = await Promise.allSettled(findings)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(versionOf(await states.find(S1))).toBe(1)
  })

  test('no more than its capacity is kept, the oldest goes first', async () => {
    const { states, asked } = given(2)
    for (const number of [1, 2, 3, 3, 2]) await states.find(sessionId(number))
    expect(asked).toHaveLength(3)
    await states.find(S1)
    expect(asked).toHaveLength(4)
  })

  test('more forget calls than can be remembered forget everything', async () => {
    const { states, asked, change } = given(2)
    await states.find(S1)
    change()
    for (const number of [7, 8, 9]) states.forgetUser(givenUserId(number))
    expect(versionOf(await states.find(S1))).toBe(2)
    expect(asked).toHaveLength(2)
  })

  test('nothing is cached while signals of other instances are not received', async () => {
    let mayKeep = true
    const { states, asked, change } = given(100, () => mayKeep)
    await states.find(S1)
    mayKeep = false
    change()
    expect(versionOf(await states.find(S1))).toBe(2)
    await states.find(S1)
    expect(asked).toHaveLength(3)
  })

  test('a user as a write has answered it takes the place of an older version, without a question', async () => {
    const { states, asked, change, pass } = given()
    await states.find(S1)
    states.updateUser(S1, stateOf(S1, 3).user)
    expect(versionOf(await states.find(S1))).toBe(3)
    states.updateUser(S1, stateOf(S1, 2).user)
    expect(versionOf(await states.find(S1))).toBe(3)
    expect(asked).toHaveLength(1)
    for (let version = 1; version < 4; version += 1) change()
    pass(1000)
    expect(versionOf(await states.find(S1))).toBe(4)
  })

  test('a user makes an answer no younger, brings back nothing that was forgotten, and opens no session', async () => {
    const { states, asked, pass } = given()
    await states.find(S1)
    pass(999)
    states.updateUser(S1, stateOf(S1, 2).user)
    pass(1)
    expect(versionOf(await states.find(S1))).toBe(1)
    for (const forget of [() => states.forgetUser(U1), () => states.forgetSession(S1)]) {
      forget()
      states.updateUser(S1, stateOf(S1, 2).user)
      expect(versionOf(await states.find(S1))).toBe(1)
    }
    states.updateUser(S2, stateOf(S2, 2).user)
    expect(versionOf(await states.find(S2))).toBe(1)
    expect(asked).toHaveLength(5)
  })

  test('a user of another session is left out', async () => {
    const { states } = given()
    await states.find(S1)
    states.updateUser(S1, { ...stateOf(S1, 2).user, id: givenUserId(2) })
    expect(versionOf(await states.find(S1))).toBe(1)
  })

  test('a user is put into an answer that is on its way', async () => {
    const { states, asked, hold } = given()
    const release = hold()
    void states.find(S1)
    states.updateUser(S1, stateOf(S1, 2).user)
    release()
    expect(versionOf(await states.find(S1))).toBe(2)
    expect(asked).toHaveLength(1)
  })

  test('a user that is put into an answer which fails does no harm, and the fault is not kept', async () => {
    const { states, asked, hold } = given()
    const release = hold()
    const finding = states.find(S1)
    states.updateUser(S1, stateOf(S1, 2).user)
    release(new Error('the database is not available'))
    await expect(finding).rejects.toThrow('not available')
    await Bun.sleep(0)
    expect(versionOf(await states.find(S1))).toBe(1)
    expect(asked).toHaveLength(2)
  })
})
