import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import { dumpOf, openData } from '../../support/builders/database/open-data.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const MILLISECONDS = 60_000

let service: Service
beforeAll(async () => {
  // In development the sample consumer prints the events.
  service = await startPreparedService({
    environment: { NODE_ENV: 'development', RATE_LIMITS: 'off' },
  })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
}, MILLISECONDS)

let people = 0
const register = (
  given: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  people += 1
  const name = `applicant${people}`
  const body = { email: `${name}@example.com`, username: name, password: PASSWORD, ...given }
  return send(service, 'POST', '/v1/auth/register', { body, headers })
}

const outcome = ({ status, body }: Answer) => [status, body.code]
const pointers = ({ body }: Answer) =>
  body.errors.map(({ pointer }: { pointer: string }) => pointer)
const printedOf = (email: string) =>
  service
    .output()
    .stdout.split('\n')
    .filter((line) => line.startsWith('user.events') && line.includes(`"${email}"`))

describe('a username', () => {
  test('is taken in every Unicode form of it [RG1]', async () => {
    expect((await register({ username: 'Café.ﬁ' })).status).toBe(201)
    const forms = ['café.fi', 'cafe\u0301.fi', 'ＣＡＦÉ.ｆｉ', 'CAFÉ.FI', 'cafe\u0301.ﬁ']
    for (const username of forms)
      expect([username, ...outcome(await register({ username }))]).toEqual([
        username,
        409,
        'username-taken',
      ])
  })

  test.each([
    ['mixes scripts to look reserved', 'аdmin'],
    ['looks reserved', 'ѕуѕtem'],
    ['looks taken', 'paypaI'],
  ])('that %s is refused [RG2]', async (_, username) => {
    await register({ username: 'paypal', email: 'paypal@example.com' })
    const refused = await register({ username })
    expect(outcome(refused)).toEqual([422, 'invalid-request'])
    expect(pointers(refused)).toEqual(['#/username'])
  })

  test.each(['ᴀdmin', 'ádmin', 'ad.min', 'Admin.', 'røøt'])(
    'that looks like a reserved name is refused: %s [RG15]',
    async (username) => {
      const refused = await register({ username })
      expect([...outcome(refused), ...pointers(refused)]).toEqual([
        422,
        'invalid-request',
        '#/username',
      ])
    },
  )

  test.each(['ann@example.com', 'ann@b', '@ann', 'ann＠example.com'])(
    'in the form of an address is refused: %s [RG13]',
    async (username) => {
      expect(outcome(await register({ username }))).toEqual([422, 'invalid-request'])
    },
  )
})

describe('a display name', () => {
  test.each(['علی\u200cرضا', 'ශ්\u200dරී', '👩🏽\u200d🚀', 'Ann ❤\ufe0f\u200d🔥', '葛\u{e0100}城'])(
    'that needs its invisible characters is stored as it was sent: %s [RG15]',
    async (displayName) => {
      const { status, body } = await register({ displayName })
      expect([status, body.user?.displayName]).toEqual([201, displayName])
    },
  )
})

describe('a text', () => {
  test.each(INVISIBLE_CHARACTERS)(
    'with %s in it is refused in every field [RG3]',
    async (_, character) => {
      for (const given of [
        { username: `ann${character}lee` },
        { email: `ann${character}lee@example.com` },
        { displayName: `Ann${character}Lee` },
      ])
        expect(outcome(await register(given))).toEqual([422, 'invalid-request'])
    },
  )

  test('of the wrong type is refused in every field [RG12]', async () => {
    for (const field of ['email', 'username', 'password', 'displayName'])
      for (const value of [['a'], {}, 7, true, [['a@example.com']], { $ne: '' }]) {
        const refused = await register({ [field]: value })
        expect([field, ...outcome(refused)]).toEqual([field, 422, 'invalid-request'])
        expect(pointers(refused)).toEqual([`#/${field}`])
      }
  })

  test('of the wrong type signs nobody in [RG12]', async () => {
    for (const value of [['a'], {}, 7, true, null]) {
      const refused = await send(service, 'POST', '/v1/auth/login', {
        body: { identifier: value, password: value },
      })
      expect(outcome(refused)).toEqual([422, 'invalid-request'])
    }
  })
})

describe('an address', () => {
  test('is one account in any case and either form of its domain [RG4, RG5]', async () => {
    expect((await register({ email: 'A@Bücher.example' })).status).toBe(201)
    for (const email of ['a@bÜCHER.EXAMPLE', 'A@xn--bcher-kva.example', 'a@xn--BCHER-kva.example'])
      expect([email, ...outcome(await register({ email }))]).toEqual([email, 409, 'email-taken'])
  })

  test.each([
    ['a fullwidth at sign', 'a＠example.com'],
    ['two at signs', 'a@b@example.com'],
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['255 characters', `a@${`${'b'.repeat(60)}.`.repeat(4)}${'c'.repeat(9)}`],
  ])('with %s is refused [RG5]', async (_, email) => {
    expect(outcome(await register({ email }))).toEqual([422, 'invalid-request'])
  })

  test(
    'that a hundred requests register at once gets one account, with one row and one event [RG4]',
    async () => {
      const email = 'wanted@example.com'
      const answers = await Promise.all(Array.from({ length: 100 }, () => register({ email })))
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 201)).toHaveLength(1)
      expect(statuses.filter((status) => status === 409 || status === 422)).toHaveLength(99)
      await eventually('the event', 5, () => expect(printedOf(email)).toHaveLength(1))
    },
    MILLISECONDS,
  )
})

describe('a field that only the service sets', () => {
  test.each([
    ['role', 'admin'],
    ['isActive', false],
    ['id', '0198f3a2-0000-7000-8000-000000000001'],
    ['emailVerified', true],
    ['passwordHash', 'x'],
    ['createdAt', '2020-01-01T00:00:00.000Z'],
    ['version', 7],
  ])('is refused at registration and in the profile: %s [RG10]', async (field, value) => {
    expect(outcome(await register({ [field]: value }))).toEqual([422, 'invalid-request'])
    const { user, tokens } = (await register()).body
    const patched = await send(service, 'PATCH', '/v1/users/me', {
      body: { [field]: value },
      bearer: tokens.accessToken,
    })
    expect(outcome(patched)).toEqual([422, 'invalid-request'])
    expect(user).toMatchObject({ role: 'user', isActive: true, emailVerified: false, version: 1 })
    const event = await service.consumed((message) => JSON.stringify(message).includes(user.id))
    expect(event).toMatchObject({ role: 'user' })
  })
})

describe('a password', () => {
  test('of 64 and of 128 characters is taken, and every one of them counts [RG7, RG8]', async () => {
    for (const length of [64, 128]) {
      const password = 'ab😀c'.repeat(length / 4)
      const { user } = (await register({ password })).body
      const login = (tried: string) =>
        send(service, 'POST', '/v1/auth/login', {
          body: { identifier: user.email, password: tried },
        })
      expect((await login(password)).status).toBe(200)
      expect((await login(`${password.slice(0, -1)}d`)).status).toBe(401)
      expect((await login(` ${password}`)).status).toBe(401)
    }
  })

  test('of a megabyte is refused before any hash, and costs next to nothing [RG7]', async () => {
    const { user } = (await register()).body
    const before = await metricOf(service, 'auth_password_verifications_total')
    const cpu = () => metricOf(service, 'auth_process_cpu_seconds_total')
    const password = 'a'.repeat(1_000_000)
    const cpuBefore = await cpu()
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect((await register({ password })).status).toBe(413)
      const body = { identifier: user.email, password }
      expect((await send(service, 'POST', '/v1/auth/login', { body })).status).toBe(413)
    }
    expect((await cpu()) - cpuBefore).toBeLessThan(40 * 0.01)
    expect(await metricOf(service, 'auth_password_verifications_total')).toBe(before)
  })
})

describe('a registration repeated with its key', () => {
  const key = () => ({ 'idempotency-key': crypto.randomUUID() })

  test('gives the same user, another session and no second event [RG11]', async () => {
    const headers = key()
    const given = { email: 'again@example.com', username: 'again', displayName: 'Again' }
    const first = await register(given, headers)
    const second = await register(given, headers)
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body.user).toEqual(first.body.user)
    expect(second.body.tokens.refreshToken).not.toBe(first.body.tokens.refreshToken)
    for (const { body } of [first, second])
      expect(
        (await send(service, 'GET', '/v1/users/me', { bearer: body.tokens.accessToken })).status,
      ).toBe(200)
    await eventually('the event', 5, () => expect(printedOf(given.email)).toHaveLength(1))
  })

  test.each([
    ['another name', { username: 'somebody.else' }],
    ['another display name', { displayName: 'Else' }],
    ['another password', { password: `${PASSWORD}!` }],
  ])('but with %s is refused [RG11]', async (what, change) => {
    const headers = key()
    const name = `keyed${what.length}`
    const given = { email: `${name}@example.com`, username: name, displayName: 'Keyed' }
    expect((await register(given, headers)).status).toBe(201)
    expect(outcome(await register({ ...given, ...change }, headers))).toEqual([
      422,
      'idempotency-key-reused',
    ])
  })

  test('does not meet the registration of another address under the same key [RG14]', async () => {
    const headers = key()
    const given = { email: 'one.of.two@example.com', username: 'one.of.two' }
    const other = { email: 'two.of.two@example.com', username: 'two.of.two' }
    const [first, second] = [await register(given, headers), await register(other, headers)]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(first.body.user.id).not.toBe(second.body.user.id)
    const again = await register(given, headers)
    expect([again.status, again.body.user.id]).toEqual([201, first.body.user.id])
  })

  test('twenty times at once makes one user [RG11]', async () => {
    const headers = key()
    const given = { email: 'eager@example.com', username: 'eager' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(given, headers)))
    const made = answers.filter(({ status }) => status === 201)
    const waiting = answers.filter(({ status }) => status !== 201)
    expect(new Set(made.map(({ body }) => body.user.id)).size).toBe(1)
    for (const { status, body, headers } of waiting) {
      expect([status, body.code]).toEqual([409, 'request-in-progress'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    await eventually('the event', 5, () => expect(printedOf(given.email)).toHaveLength(1))
  })
})

describe('a registered user', () => {
  test('is in the database once, with one event [RG4, RG11]', async () => {
    await service.stop()
    const database = await openData(service.dataDirectory)
    const { users = '', outbox_events: ledger = '' } = await dumpOf(database)
    await database.close()
    for (const email of ['wanted@example.com', 'again@example.com', 'eager@example.com']) {
      const lines = (text: string) => text.split('\n').filter((row) => row.includes(`"${email}"`))
      expect(lines(users)).toHaveLength(1)
      expect(lines(ledger)).toHaveLength(1)
    }
  })
})
