import { describe, expect, test } from 'bun:test'
import { makeInProcessSignals } from '../../../src/adapters/memory/in-process-signals.ts'
import { makeSessionStateCache } from '../../../src/adapters/memory/session-state-cache.ts'
import { shareSessionStates } from '../../../src/application/sessions/share-session-states.ts'
import type { ReceivedSignal, Signals } from '../../../src/ports/driven/operations/signals.ts'
import type { SessionStates } from '../../../src/ports/driven/sessions/session-states.ts'
import { givenUser } from '../../support/builders/accounts/given-users.ts'
import { givenSession, givenSessionId } from '../../support/builders/sessions/given-sessions.ts'

const SESSION = givenSessionId(1)
const USER = givenUser()

/** One of several instances that share the signals. `version` reads the user's version. */
const instanceOn = (signals: Signals) => {
  const store = { version: 1 }
  const states = shareSessionStates(
    makeSessionStateCache({
      read: async () => ({
        session: givenSession({ id: SESSION }),
        user: { ...USER, version: store.version },
      }),
      now: () => 0,
    }),
    signals,
  )
  const version = async () => (await states.find(SESSION))?.user.version
  return { states, store, version }
}

describe('shared session states', () => {
  test.each([
    ['its user', (states: SessionStates) => states.forgetUser(USER.id)],
    ['its session', (states: SessionStates) => states.forgetSession(SESSION)],
  ])(
    'are forgotten at once in this instance and in the others, by %s [JW13]',
    async (_, forget) => {
      const signals = makeInProcessSignals()
      const [here, there] = [instanceOn(signals), instanceOn(signals)]
      for (const { version, store } of [here, there]) {
        expect(await version()).toBe(1)
        store.version = 2
        expect(await version()).toBe(1)
      }
      forget(here.states)
      expect(await here.version()).toBe(2)
      expect(await there.version()).toBe(2)
    },
  )

  test('take the user of a write in this instance alone, and announce nothing', async () => {
    const announced: unknown[] = []
    const { states, version } = instanceOn({
      ...makeInProcessSignals(),
      announce: async (signal) => void announced.push(signal),
    })
    expect(await version()).toBe(1)
    states.updateUser(SESSION, { ...USER, version: 2 })
    expect([await version(), announced]).toEqual([2, []])
  })

  test('are all forgotten when signals may have been missed', async () => {
    const handlers: ((heard: ReceivedSignal) => void)[] = []
    const { version, store } = instanceOn({
      ...makeInProcessSignals(),
      listen: (handler) => handlers.push(handler),
    })
    expect(await version()).toBe(1)
    store.version = 2
    for (const handler of handlers) handler({ kind: 'shards-freed' })
    expect(await version()).toBe(1)
    for (const handler of handlers) handler({ kind: 'signals-missed' })
    expect(await version()).toBe(2)
  })
})
