import { expect, setSystemTime, test } from 'bun:test'
import {
  KeysUnavailable,
  makeRemoteKeys,
} from '../../../packages/user-events/src/bearer/remote-keys.ts'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'

const [first, second] = [generateSigningKey('active'), generateSigningKey('next')]

test('known keys count for an hour while the service is away, and are asked for twice a minute', async () => {
  let clock = 0
  let asked = 0
  let away = false
  const keyOf = makeRemoteKeys(
    new URL('https://auth.example.com/keys'),
    async () => {
      asked += 1
      return away ? new Response('', { status: 503 }) : Response.json(publicJwks([first]))
    },
    () => clock,
  )
  const begin = Date.now()
  const pass = (minutes: number) => {
    clock += minutes * 60_000
    setSystemTime(new Date(begin + clock))
  }
  const outcome = async (kid: string) => {
    try {
      await keyOf({ alg: 'ES256', kid }, { payload: '', signature: '' })
      return 'known'
    } catch (fault) {
      return fault instanceof KeysUnavailable ? 'unavailable' : 'unknown'
    }
  }
  try {
    expect([await outcome(first.kid), await outcome(second.kid), asked]).toEqual([
      'known',
      'unknown',
      1,
    ])
    away = true
    pass(11)
    expect([await outcome(first.kid), await outcome(first.kid), asked]).toEqual([
      'known',
      'known',
      2,
    ])
    expect([await outcome(second.kid), asked]).toEqual(['unknown', 2])
    pass(1)
    expect([await outcome(first.kid), asked]).toEqual(['known', 3])
    pass(49)
    expect(await outcome(first.kid)).toBe('unavailable')
    away = false
    expect(await outcome(first.kid)).toBe('known')
  } finally {
    setSystemTime()
  }
})
