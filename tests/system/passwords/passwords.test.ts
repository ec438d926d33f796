import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { hash, verify } from '@node-rs/argon2'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import type { ComposedService } from '../../support/builders/service/composed-service.ts'
import { composedService, jsonInit } from '../../support/builders/service/composed-service.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000
const NEW_PASSWORD = 'seven copper kettles sing'

let service: Service
beforeAll(async () => {
  service = await startPreparedService({
    environment: { NODE_ENV: 'development', RATE_LIMITS: 'off', PASSWORD_MIN_LENGTH: '8' },
  })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

let people = 0
const registerWith = (password: unknown, given: Record<string, unknown> = {}): Promise<Answer> => {
  people += 1
  const username = `keeper${people}`
  const body = { email: `${username}@example.com`, username, password, ...given }
  return send(service, 'POST', '/v1/auth/register', { body })
}
const reasons = ({ status, body }: Answer) => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ code }: { code: string }) => code),
]
const me = (bearer: string) => send(service, 'GET', '/v1/users/me', { bearer })
const change = (bearer: string, body: unknown) =>
  send(service, 'POST', '/v1/users/me/password', { bearer, body })

describe('a new password', () => {
  test('is measured in characters, not in bytes or UTF-16 units [PW1]', async () => {
    expect(reasons(await registerWith('😀🎈🍊🌵'))).toEqual([422, 'weak-password', 'too-short'])
    expect(reasons(await registerWith('abcdéfg'))).toEqual([422, 'weak-password', 'too-short'])
    expect((await registerWith('😀🎈🍊🌵🐢🔑🪁🧭')).status).toBe(201)
  })

  test.each([
    'plain lower case words only',
    '  spaces all around it  ',
    'ひらがなだけのあいことば',
    'รหัสผ่านยาวๆนะ',
    '739105826417',
    '&&&###@@@!!!???',
  ])('needs no special kind of characters: %j [PW2]', async (password) => {
    const { status, body } = await registerWith(password)
    expect(status).toBe(201)
    expect((await signIn(service, body.user.username, password)).status).toBe(200)
  })

  test.each([
    ['password', 'too-common'],
    ['PassWord', 'too-common'],
    ['12345678', 'too-common'],
    ['qwertyuiop', 'too-common'],
    ['auth-service', 'made-of-names'],
    ['magnolia.tree', 'made-of-names'],
    ['magnolia.mail', 'made-of-names'],
  ])('that is common is refused, with the reason: %s [PW3]', async (password, reason) => {
    const names = { username: 'magnolia.tree', email: 'magnolia.mail@example.com' }
    expect(reasons(await registerWith(password, names))).toEqual([422, 'weak-password', reason])
    const { tokens } = (await register(service)).body
    if (reason === 'too-common')
      expect(
        reasons(
          await change(tokens.accessToken, { currentPassword: PASSWORD, newPassword: password }),
        ),
      ).toEqual([422, 'weak-password', reason])
  })

  test('is the same typed composed or decomposed, and in no other spelling [PW4]', async () => {
    const composed = 'caf\u00e9 au lait, toujours'
    const { user } = (await registerWith(composed)).body
    expect((await signIn(service, user.username, 'cafe\u0301 au lait, toujours')).status).toBe(200)
    for (const other of [
      'cafe au lait, toujours',
      composed.toUpperCase(),
      'ｃａf\u00e9 au lait, toujours',
    ])
      expect((await signIn(service, user.username, other)).status).toBe(401)
  })
})

describe('a hash of earlier parameters', () => {
  const EARLIER = { memoryCost: 12_288, timeCost: 2, parallelism: 1 }
  let composed: ComposedService
  beforeAll(async () => {
    composed = await composedService({ RATE_LIMITS: 'off' })
  }, MILLISECONDS)
  afterAll(() => composed.end())

  const login = async (identifier: string, password: string): Promise<number> =>
    (await composed.ask('/v1/auth/login', jsonInit('POST', { identifier, password }))).status
  const hashOf = async (id: string): Promise<string> => {
    const { rows } = await composed.database.query<{ password_hash: string }>(
      'select password_hash from credentials where user_id = $1',
      [id],
    )
    return rows[0]?.password_hash ?? ''
  }
  const outdated = async (username: string) => {
    const { id } = await composed.register(username)
    const earlier = await hash(PASSWORD, EARLIER)
    await composed.storeHash(id, earlier)
    return { id, earlier }
  }

  test('is replaced by a sign-in, and never by a failed one [PW5]', async () => {
    const { id, earlier } = await outdated('early.bird')
    expect(await login('early.bird', 'a guess at it all')).toBe(401)
    expect(await hashOf(id)).toBe(earlier)
    expect(await login('early.bird', PASSWORD)).toBe(200)
    expect(await hashOf(id)).toStartWith('$argon2id$v=19$m=12288,t=3,p=1$')
    expect(await login('early.bird', PASSWORD)).toBe(200)
  })

  test('is replaced by one good hash when sixteen sign in at once [PW5]', async () => {
    const { id, earlier } = await outdated('many.birds')
    const logins = Array.from({ length: 16 }, () => login('many.birds', PASSWORD))
    expect(await Promise.all(logins)).toEqual(Array(16).fill(200))
    const replaced = await hashOf(id)
    expect(replaced).not.toBe(earlier)
    expect(await verify(replaced, PASSWORD)).toBe(true)
  })
})

describe('a change of the password', () => {
  test('needs the current one, and a wrong one changes nothing [PW7]', async () => {
    const { user, tokens } = (await register(service)).body
    for (const body of [
      { currentPassword: 'a guess at it all', newPassword: NEW_PASSWORD },
      { currentPassword: '', newPassword: NEW_PASSWORD },
      { newPassword: NEW_PASSWORD },
    ])
      expect(reasons(await change(tokens.accessToken, body))).toEqual([403, 'wrong-password'])
    expect((await signIn(service, user.username)).status).toBe(200)
    expect((await signIn(service, user.username, NEW_PASSWORD)).status).toBe(401)
  })

  test('ends the other sessions at once, and keeps this one [PW7, SE8]', async () => {
    const { user, tokens } = (await register(service)).body
    const others = await Promise.all([1, 2, 3].map(() => signIn(service, user.username)))
    for (const { body } of others) expect((await me(body.tokens.accessToken)).status).toBe(200)
    const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
    expect((await change(tokens.accessToken, body)).status).toBe(204)
    for (const { body: other } of others) {
      expect((await me(other.tokens.accessToken)).body.code).toBe('invalid-token')
      const refreshed = await send(service, 'POST', '/v1/auth/refresh', {
        body: { refreshToken: other.tokens.refreshToken },
      })
      expect(refreshed.body.code).toBe('invalid-refresh-token')
    }
    expect((await me(tokens.accessToken)).status).toBe(200)
    expect((await signIn(service, user.username)).status).toBe(401)
    expect((await signIn(service, user.username, NEW_PASSWORD)).status).toBe(200)
  })
})
