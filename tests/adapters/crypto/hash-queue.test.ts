import { describe, expect, test } from 'bun:test'
import { makeHashQueue } from '../../../src/adapters/crypto/hash-queue.ts'

/** Work that ends when `finish` is called, and records when it started. */
const given = (limits: { inFlight: number; waiting: number; waitSeconds?: number }) => {
  const queue = makeHashQueue({ waitSeconds: 60, ...limits })
  const started: string[] = []
  const offer = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const outcome = queue.run(() => {
      started.push(name)
      return promise
    })
    return { outcome, finish: () => resolve(name) }
  }
  return { queue, started, offer }
}

describe('the hash queue', () => {
  test('limits how many run at once, and the rest wait in order of arrival', async () => {
    const { offer, started } = given({ inFlight: 2, waiting: 2 })
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(offer)
    expect(started).toEqual(['a', 'b'])
    b?.finish()
    await b?.outcome
    a?.finish()
    await a?.outcome
    await Promise.resolve()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    c?.finish()
    d?.finish()
    expect(await Promise.all([c?.outcome, d?.outcome])).toEqual(['c', 'd'])
  })

  test('one more than fits in the queue is refused at once [PW10]', async () => {
    const { offer } = given({ inFlight: 1, waiting: 1 })
    const first = offer('first')
    const second = offer('second')
    await expect(offer('third').outcome).rejects.toMatchObject({
      name: 'Unavailable',
      retryAfterSeconds: 1,
    })
    first.finish()
    second.finish()
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['first', 'second'])
  })

  test('a caller that waits too long is refused and frees its place [PW10]', async () => {
    const { offer, started } = given({ inFlight: 1, waiting: 1, waitSeconds: 0.01 })
    const running = offer('running')
    const late = await offer('late').outcome.catch((fault: unknown) => fault)
    expect(late).toMatchObject({ name: 'Unavailable', retryAfterSeconds: 1 })
    const next = offer('next')
    running.finish()
    await running.outcome
    next.finish()
    await next.outcome
    expect(started).toEqual(['running', 'next'])
  })

  test('work that fails frees its place', async () => {
    const { queue } = given({ inFlight: 1, waiting: 0 })
    const failing = queue.run(() => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await queue.run(() => Promise.resolve('well'))).toBe('well')
  })
})
