import { expect, jest, test } from 'bun:test'
import {
  KeysUnavailable,
  makeRemoteKeys,
} from '../../../packages/user-events/src/bearer/remote-keys.ts'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'

const [first, second] = [generateSigningKey('active'), generateSigningKey('next')]

/** Keys at an address whose answer and whose clock the test decides. */
const given = (serve: () => Response | Promise<Response>) => {
  let answer = serve
  let clockMs = 0
  let asked = 0
  const keyOf = makeRemoteKeys(
    new URL('https://auth.example.com/keys'),
    async () => {
      asked += 1
      return await answer()
    },
    () => clockMs,
  )
  return {
    asked: () => asked,
    serve: (next: () => Response | Promise<Response>) => {
      answer = next
    },
    pass: (seconds: number) => {
      clockMs += seconds * 1000
    },
    outcome: async (kid: string) => {
      try {
        await keyOf({ alg: 'ES256', kid }, { payload: '', signature: '' })
        return 'known'
      } catch (fault) {
        return fault instanceof KeysUnavailable ? 'unavailable' : 'unknown'
      }
    },
  }
}

const genuine = (...keys: (typeof first)[]) => Response.json(publicJwks(keys))
const [firstPublic] = publicJwks([first]).keys

/** What a proxy, an error page or a broken release answers with status 200. */
const NO_KEY_SETS: readonly (readonly [string, () => Response])[] = [
  ['an HTML page', () => new Response('<!doctype html><h1>Sign in to the network</h1>')],
  ['an empty body', () => new Response('')],
  ['no body', () => new Response(null)],
  ['cut JSON', () => new Response('{"keys":[')],
  ['null', () => Response.json(null)],
  ['an array', () => Response.json([firstPublic])],
  ['another object', () => Response.json({ error: 'no' })],
  ['keys that are no list', () => Response.json({ keys: firstPublic })],
  ['keys that are no objects', () => Response.json({ keys: ['key', null, 1] })],
  ['no keys', () => Response.json({ keys: [] })],
  ['a key without its point', () => Response.json({ keys: [{ ...firstPublic, x: undefined }] })],
  ['a point off the curve', () => Response.json({ keys: [{ ...firstPublic, x: 'AAAA' }] })],
  [
    'keys of another kind',
    () => Response.json({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a' }] }),
  ],
  ['an encryption key', () => Response.json({ keys: [{ ...firstPublic, use: 'enc' }] })],
  [
    'private keys',
    () =>
      Response.json({
        keys: [{ ...firstPublic, d: first.privateKey?.export({ format: 'jwk' }).d }],
      }),
  ],
  [
    'a set of more than 64 KiB',
    () => Response.json({ keys: [firstPublic], padding: 'x'.repeat(65_536) }),
  ],
  ['a redirect', () => new Response('', { status: 302, headers: { location: '/sign-in' } })],
  ['204', () => new Response(null, { status: 204 })],
  ['503', () => new Response('', { status: 503 })],
  ['a key set with status 503', () => Response.json(publicJwks([first]), { status: 503 })],
  ['a key set with status 203', () => Response.json(publicJwks([first]), { status: 203 })],
]

test.each([...NO_KEY_SETS])(
  '%s neither replaces known keys nor keeps them for longer than an hour [JW15]',
  async (_, broken) => {
    const { outcome, pass, serve } = given(() => genuine(first))
    expect(await outcome(first.kid)).toBe('known')
    serve(broken)
    for (let minute = 11; minute < 60; minute += 4) {
      pass(minute === 11 ? 660 : 240)
      expect(await outcome(first.kid)).toBe('known')
    }
    pass(240)
    expect(await outcome(first.kid)).toBe('unavailable')
  },
)

test.each([...NO_KEY_SETS])('%s is no key set to begin with [JW15]', async (_, broken) => {
  const { outcome, pass, serve } = given(broken)
  expect(await outcome(first.kid)).toBe('unavailable')
  serve(() => genuine(first))
  pass(5)
  expect(await outcome(first.kid)).toBe('known')
})

test('a withdrawn key is refused after the next fetch, and a key that cannot be used does not spoil the set [JW15]', async () => {
  const { outcome, pass, serve } = given(() => genuine(first, second))
  expect(await outcome(first.kid)).toBe('known')
  const keys = [{ kty: 'unknown' }, { ...firstPublic, x: 'AAAA' }, ...publicJwks([second]).keys]
  serve(() => Response.json({ keys }))
  pass(601)
  expect([await outcome(first.kid), await outcome(second.kid)]).toEqual(['unknown', 'known'])
})

test('without keys there is one fetch at a time, and none for five seconds after a failure [JW15]', async () => {
  const waiting: ((response: Response) => void)[] = []
  const { asked, outcome, pass, serve } = given(
    () => new Promise<Response>((resolve) => waiting.push(resolve)),
  )
  const outcomes = Array.from({ length: 200 }, () => outcome(first.kid))
  expect(asked()).toBe(1)
  for (const answer of waiting) answer(new Response('<h1>no</h1>'))
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['unavailable']))
  serve(() => genuine(first))
  for (let call = 0; call < 200; call += 1) expect(await outcome(first.kid)).toBe('unavailable')
  pass(4)
  expect([await outcome(first.kid), asked()]).toEqual(['unavailable', 1])
  pass(1)
  expect([await outcome(first.kid), asked()]).toEqual(['known', 2])
})

test('unknown key ids cause one fetch at a time and at most two a minute [JW15]', async () => {
  const { asked, outcome, pass } = given(() => genuine(first))
  await Promise.all(Array.from({ length: 200 }, (_, at) => outcome(`unknown-${at}`)))
  expect(asked()).toBe(1)
  pass(31)
  await Promise.all(Array.from({ length: 200 }, (_, at) => outcome(`unknown-${at}`)))
  expect(asked()).toBe(2)
  expect([await outcome(first.kid), asked()]).toEqual(['known', 2])
})

test('an answer that never ends, or ends too late, ends the attempt after five seconds [JW15]', async () => {
  const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
  const begun = performance.now()
  const attempts = [given(() => new Promise(() => undefined)), given(() => new Response(stalled))]
  expect(await Promise.all(attempts.map(({ outcome }) => outcome(first.kid)))).toEqual([
    'unavailable',
    'unavailable',
  ])
  expect(performance.now() - begun).toBeGreaterThan(4900)
}, 20_000)

test('known keys count for an hour while the service is away, and are asked for twice a minute', async () => {
  const { asked, outcome, pass, serve } = given(() => genuine(first))
  expect([await outcome(first.kid), await outcome(second.kid), asked()]).toEqual([
    'known',
    'unknown',
    1,
  ])
  serve(() => new Response('', { status: 503 }))
  pass(660)
  expect([await outcome(first.kid), await outcome(first.kid), asked()]).toEqual([
    'known',
    'known',
    2,
  ])
  expect([await outcome(second.kid), asked()]).toEqual(['unknown', 2])
  pass(60)
  expect([await outcome(first.kid), asked()]).toEqual(['known', 3])
  pass(49 * 60)
  expect(await outcome(first.kid)).toBe('unavailable')
  serve(() => genuine(first))
  pass(5)
  expect(await outcome(first.kid)).toBe('known')
})

test('a fetch leaves no timer that keeps the process alive', async () => {
  jest.useFakeTimers()
  try {
    const { outcome, pass, serve } = given(() => genuine(first))
    expect(await outcome(first.kid)).toBe('known')
    serve(() => new Response(null, { status: 503 }))
    pass(601)
    expect(await outcome(first.kid)).toBe('known')
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

test('an answer that redirects is no key set, wherever it leads [JW15]', async () => {
  let asked = 0
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: ({ url }) => {
      asked += 1
      return new URL(url).pathname === '/keys' ? Response.redirect('/elsewhere') : genuine(first)
    },
  })
  try {
    const keyOf = makeRemoteKeys(new URL('/keys', server.url), fetch)
    const key = keyOf({ alg: 'ES256', kid: first.kid }, { payload: '', signature: '' })
    await expect(Promise.resolve(key)).rejects.toBeInstanceOf(KeysUnavailable)
    expect(asked).toBe(1)
  } finally {
    await server.stop(true)
  }
})

test('the times of the cache are exact: ten minutes, an hour, and half a minute between two attempts', async () => {
  const { asked, outcome, pass, serve } = given(() => genuine(first))
  const after = async (seconds: number, kid = first.kid) => {
    pass(seconds)
    return [await outcome(kid), asked()]
  }
  expect(await after(0)).toEqual(['known', 1])
  expect(await after(29.999, second.kid)).toEqual(['unknown', 1])
  expect(await after(0.001, second.kid)).toEqual(['unknown', 2])
  expect(await after(599.999)).toEqual(['known', 2])
  serve(() => new Response('', { status: 503 }))
  expect(await after(0.001)).toEqual(['known', 3])
  expect(await after(29.999)).toEqual(['known', 3])
  expect(await after(0.001)).toEqual(['known', 4])
  // An hour after the last set came.
  expect(await after(3600 - 630 - 0.001)).toEqual(['known', 5])
  expect(await after(0.001)).toEqual(['unavailable', 5])
  expect(await after(4.998)).toEqual(['unavailable', 5])
  expect(await after(0.001)).toEqual(['unavailable', 6])
})

test('keys that cannot be fetched are a fault of their own, with the reason', async () => {
  const reason = new Error('no route')
  const keyOf = makeRemoteKeys(
    new URL('https://auth.example.com/keys'),
    () => Promise.reject(reason),
    () => 0,
  )
  for (let call = 0; call < 2; call += 1) {
    const fault = await Promise.resolve(
      keyOf({ alg: 'ES256', kid: 'a' }, { payload: '', signature: '' }),
    ).catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(KeysUnavailable)
    expect(fault).toMatchObject({ name: 'KeysUnavailable', cause: reason })
  }
})

test.each([
  [65_536, 'known'],
  [65_537, 'unavailable'],
])('a set of %i bytes is %s [JW15]', async (size, outcome) => {
  const text = JSON.stringify(publicJwks([first]))
  const subject = given(() => new Response(text.padEnd(size, ' ')))
  expect(await subject.outcome(first.kid)).toBe(outcome)
})

test('the keys are asked for as a key set, and the request is given up with the attempt [JW15]', async () => {
  jest.useFakeTimers()
  try {
    const requests: (readonly [string, RequestInit])[] = []
    const keyOf = makeRemoteKeys(
      new URL('https://auth.example.com/keys'),
      (...request) => {
        requests.push(request)
        return new Promise(() => undefined)
      },
      () => 0,
    )
    const refused = Promise.resolve(
      keyOf({ alg: 'ES256', kid: 'a' }, { payload: '', signature: '' }),
    ).catch((fault: unknown) => fault)
    const [[url, options] = ['', {}]] = requests
    expect([url, options]).toMatchObject([
      'https://auth.example.com/keys',
      {
        method: 'GET',
        headers: { accept: 'application/jwk-set+json, application/json' },
        redirect: 'manual',
      },
    ])
    jest.advanceTimersByTime(4999)
    expect(options.signal?.aborted).toBe(false)
    jest.advanceTimersByTime(1)
    expect(options.signal?.aborted).toBe(true)
    expect(await refused).toMatchObject({
      cause: new Error('no complete answer within 5000 ms'),
    })
  } finally {
    jest.useRealTimers()
  }
})
