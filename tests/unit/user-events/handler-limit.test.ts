import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { ApplyNeeds } from '../../../packages/user-events/src/consumer/apply-event.ts'
import { applyEvent } from '../../../packages/user-events/src/consumer/apply-event.ts'
import { completeLimits } from '../../../packages/user-events/src/consumer/consumer-options.ts'
import type {
  MemoryTransaction,
  Store,
  UserEvent,
} from '../../../packages/user-events/src/index.ts'
import { decode, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const eventOf = (version: number): UserEvent<1> => {
  const decoded = decode(givenUserEvent(givenChange(1, version)), 1)
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.event
}
const pass = async (seconds: number) => {
  jest.advanceTimersByTime(seconds * 1000)
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}
const never = () => new Promise<never>(() => {})

/** A store that answers only then. */
const storeAfter = (then: Promise<void>): Store<MemoryTransaction> => {
  const memory = makeMemoryStore()
  return {
    ...memory,
    takePosition: async (...those) => {
      await then
      return memory.takePosition(...those)
    },
  }
}

type Needs = ApplyNeeds<1, MemoryTransaction>

/** Applies version 1 of a user, and says what came of it so far. */
const given = async (needs: Partial<Needs> & Pick<Needs, 'handle'>) => {
  const troubles: [string, string][] = []
  const stopping = new AbortController()
  const complete: Needs = {
    name: 'backend',
    store: makeMemoryStore(),
    limits: completeLimits({}),
    report: {
      result: () => {},
      trouble: (kind, fault) => troubles.push([kind, String(fault)]),
    },
    signal: stopping.signal,
    ...needs,
  }
  let outcome = 'pending'
  const apply = (version: number) => {
    outcome = 'pending'
    return applyEvent(complete, eventOf(version)).then(
      ({ kind }) => {
        outcome = kind
      },
      (fault: Error) => {
        outcome = `${fault.name}: ${fault.message}`
      },
    )
  }
  void apply(1)
  await pass(0)
  return { apply, troubles, stopping, outcome: () => outcome, store: complete.store }
}

const SLOW =
  /^HandlerTimeout: event 0198f3a2-[-0-9a-f]+, version 1: the handler did not end within 30 s$/

describe('a handler', () => {
  test('has 30 seconds, and its signal is not aborted before', async () => {
    let signal: AbortSignal | undefined
    const { troubles, outcome } = await given({
      handle: (_event, _tx, context) => {
        signal = context.signal
        return never()
      },
    })
    await pass(29.999)
    expect([signal?.aborted, troubles, outcome()]).toEqual([false, [], 'pending'])
    await pass(0.001)
    expect(signal?.aborted).toBe(true)
    expect(String(signal?.reason)).toMatch(SLOW)
    expect(troubles).toEqual([['handler-slow', expect.stringMatching(SLOW)]])
  })

  test('that ends at its signal has failed with its own fault', async () => {
    const { outcome } = await given({
      handle: (_event, _tx, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('interrupted')))
        }),
    })
    await pass(30)
    expect(outcome()).toBe('Error: interrupted')
    expect(jest.getTimerCount()).toBe(0)
  })

  test('that ends soon after its signal is committed, because its work is done', async () => {
    const done = Promise.withResolvers<void>()
    const { outcome, apply } = await given({ handle: () => done.promise })
    await pass(34)
    done.resolve()
    await pass(0)
    expect(outcome()).toBe('applied')
    await apply(1)
    expect(outcome()).toBe('duplicate')
    expect(jest.getTimerCount()).toBe(0)
  })

  test('that never ends is given up 5 seconds after its signal, and its user can be handled again', async () => {
    const done = Promise.withResolvers<void>()
    const handled: number[] = []
    const { outcome, apply } = await given({
      handle: ({ version }) => {
        handled.push(version)
        return handled.length === 1 ? done.promise : Promise.resolve()
      },
    })
    await pass(34.999)
    expect(outcome()).toBe('pending')
    await pass(0.001)
    expect(outcome()).toMatch(SLOW)
    // It ends after all. Nothing of it may be kept.
    done.resolve()
    await pass(0)
    void apply(1)
    await pass(0)
    expect([outcome(), handled]).toEqual(['applied', [1, 1]])
  })

  test('whose transaction cannot be rolled back is given up too', async () => {
    const { outcome } = await given({
      store: {
        ...makeMemoryStore(),
        transact: (work) => work({ release: [], kept: new Map() }).catch(never),
      },
      handle: never,
    })
    await pass(35)
    expect(outcome()).toMatch(SLOW)
  })

  test('whose commit never ends is given up too', async () => {
    const { outcome, troubles } = await given({
      store: {
        ...makeMemoryStore(),
        transact: (work) => work({ release: [], kept: new Map() }).then(never),
      },
      handle: async () => {},
    })
    await pass(35)
    expect([outcome(), troubles.length]).toEqual([expect.stringMatching(SLOW), 1])
  })

  test('is not called by a store that answers after it was given up', async () => {
    const away = Promise.withResolvers<void>()
    let calls = 0
    const { outcome } = await given({
      store: storeAfter(away.promise),
      handle: async () => {
        calls += 1
      },
    })
    await pass(30)
    expect(outcome()).toBe('StoreUnavailable: the store cannot be reached')
    away.resolve()
    await pass(0)
    expect(calls).toBe(0)
  })

  test('is not called when the consumer has stopped while the store was asked', async () => {
    const away = Promise.withResolvers<void>()
    let calls = 0
    const { outcome, stopping } = await given({
      store: storeAfter(away.promise),
      handle: async () => {
        calls += 1
      },
    })
    await pass(1)
    stopping.abort()
    away.resolve()
    await pass(0)
    expect([outcome(), calls]).toEqual(['StoreUnavailable: the store cannot be reached', 0])
    expect(jest.getTimerCount()).toBe(0)
  })

  test('has the limit that the consumer was given', async () => {
    const { troubles } = await given({
      limits: completeLimits({ handlerSeconds: 2 }),
      handle: never,
    })
    await pass(2)
    expect(troubles).toHaveLength(1)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'cannot have a limit of %p',
    (handlerSeconds) => {
      expect(() => completeLimits({ handlerSeconds })).toThrow('handlerSeconds is not above zero')
    },
  )
})
