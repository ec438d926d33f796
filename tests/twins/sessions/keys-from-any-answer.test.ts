import { expect, test } from 'bun:test'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Keys = typeof import('../../../packages/user-events/src/bearer/remote-keys.ts')

const PATH = 'packages/user-events/src/bearer/remote-keys.ts'
const key = generateSigningKey('active')

/** What comes of an HTML page with status 200 for an hour, and how many fetches 200 tokens cause without keys. */
const outcomes = async (right?: string, wrong?: string) => {
  const { makeRemoteKeys } = await plantedFault<Keys>(PATH, right, wrong)
  let clockMs = 0
  let asked = 0
  let answer = () => Response.json(publicJwks([key]))
  const open = () =>
    makeRemoteKeys(
      new URL('https://auth.example.com/keys'),
      async () => {
        asked += 1
        return answer()
      },
      () => clockMs,
    )
  const isKnown = (keyOf: ReturnType<typeof open>) =>
    Promise.resolve(keyOf({ alg: 'ES256', kid: key.kid }, { payload: '', signature: '' })).then(
      () => true,
      () => false,
    )
  const known = open()
  await isKnown(known)
  answer = () => new Response('<h1>Sign in to the network</h1>')
  for (let minute = 0; minute < 61; minute += 1) {
    clockMs += 60_000
    await isKnown(known)
  }
  const withdrawnKeysWork = await isKnown(known)
  asked = 0
  const empty = open()
  for (let token = 0; token < 200; token += 1) await isKnown(empty)
  return { withdrawnKeysWork, fetches: asked }
}

test('the keys as they are forget withdrawn keys, and fetch once', async () => {
  expect(await outcomes()).toEqual({ withdrawnKeysWork: false, fetches: 1 })
})

test('keys that an error page keeps alive are caught by an hour of error pages', async () => {
  const { withdrawnKeysWork } = await outcomes(
    'failure = cause',
    'failure = cause; if (kept !== null) kept = { ...kept, fetchedAtMs: nowMs() }',
  )
  expect(withdrawnKeysWork).toBe(true)
})

test('keys without a cool-down are caught by counting fetches', async () => {
  const { fetches } = await outcomes('if (fetching !== null || !isCoolingDown())', 'if (true)')
  expect(fetches).toBe(200)
})
