import { expect, test } from 'bun:test'
import { generateKeyPairSync } from 'node:crypto'
import type { Call } from '../../../src/adapters/oauth/call.ts'
import { makeKeySet } from '../../../src/adapters/oauth/key-set.ts'

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const member = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }

const given = () => {
  let body: unknown = { keys: [member] }
  let clockMs = 0
  let asked = 0
  const call: Call = async () => {
    asked += 1
    return new Response(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const keys = makeKeySet(
    async () => 'https://provider.example/keys',
    () => clockMs,
  )
  return {
    asked: () => asked,
    serve: (next: unknown) => {
      body = next
    },
    pass: (seconds: number) => {
      clockMs += seconds * 1000
    },
    isKnown: async (kid: string) => {
      try {
        await keys.within(call)({ alg: 'RS256', kid }, { payload: '', signature: '' })
        return true
      } catch {
        return false
      }
    },
  }
}

test.each([
  ['an HTML page', '<!doctype html><h1>Sign in to the network</h1>'],
  ['an empty body', ''],
  ['another object', { error: 'no' }],
  ['no keys', { keys: [] }],
  ['keys that are no objects', { keys: ['key', null] }],
  ['an encryption key only', { keys: [{ ...member, use: 'enc' }] }],
])('%s with status 200 does not replace the keys of a provider [JW15]', async (_, broken) => {
  const { isKnown, pass, serve } = given()
  expect(await isKnown('one')).toBe(true)
  serve(broken)
  pass(31)
  expect(await isKnown('unknown')).toBe(false)
  expect(await isKnown('one')).toBe(true)
  pass(3600)
  expect(await isKnown('one')).toBe(true)
  pass(24 * 3600)
  expect(await isKnown('one')).toBe(false)
})

test('without the keys of a provider there is one fetch at a time, and none for two seconds after a failure [JW15]', async () => {
  const { asked, isKnown, pass, serve } = given()
  serve('<h1>no</h1>')
  await Promise.all(Array.from({ length: 100 }, () => isKnown('one')))
  for (let attempt = 0; attempt < 100; attempt += 1) await isKnown('one')
  expect(asked()).toBe(1)
  serve({ keys: [member] })
  pass(2)
  expect([await isKnown('one'), asked()]).toEqual([true, 2])
})
