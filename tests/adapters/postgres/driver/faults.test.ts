import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { attempt, StatementFault } from '../../../../src/adapters/postgres/driver/faults.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import {
  NOON,
  storedUser,
  uniqueSessionId,
  uniqueUserId,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'

const database = await givenDatabase()
const subject = givenStores(database)

const faultOf = (error: unknown): Promise<unknown> =>
  attempt(Promise.reject(error)).catch((fault: unknown) => fault)
const withCode = (code: string) => Object.assign(new Error('as the driver says it'), { code })

describe('a fault of the database', () => {
  const passing = [
    ...['08006', '53300', '57P01', '57P03', '57014', '55P03', '40001', '40P01', '25006'],
    ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECT_TIMEOUT', 'ECONNREFUSED', 'ECONNRESET'],
  ]
  for (const code of passing)
    test(`that is temporary is an unavailability with its cause: ${code}`, async () => {
      const fault = await faultOf(withCode(code))
      expect(fault).toBeInstanceOf(Unavailable)
      expect(fault).toMatchObject({ cause: { message: expect.stringContaining(code) } })
    })

  for (const code of ['23505', '23514', '42P01', '42501', '22P02', 'XX000'])
    test(`that is permanent is not an unavailability: ${code}`, async () => {
      const fault = await faultOf(withCode(code))
      expect(fault).toBeInstanceOf(StatementFault)
      expect(fault).toMatchObject({ code })
    })

  test('that is not from the database stays as it is', async () => {
    const fault = new TypeError('x is not a function')
    expect(await faultOf(fault)).toBe(fault)
    expect(await faultOf('text')).toBe('text')
  })

  test('is read from the error members of both drivers', async () => {
    const fault = await faultOf(Object.assign(withCode('23505'), { constraint_name: 'a_key' }))
    expect(fault).toMatchObject({ constraint: 'a_key' })
    const other = await faultOf(Object.assign(withCode('23505'), { constraint: 'b_key' }))
    expect(other).toMatchObject({ constraint: 'b_key' })
  })

  test('contains neither the statement nor its values, at any depth [LE1]', async () => {
    const secret = 'canary-value'
    const statements = [
      sql`select ${secret}::text::uuid`,
      sql`select ${secret}::text from no_such_table`,
      sql`insert into idempotency_keys (key_mac, body_mac, claimed_at, user_id)
        values (${secret}::text, 'b', now(), gen_random_uuid())`,
    ]
    for (const statement of statements) {
      const fault = await attempt(database.db.execute(statement)).catch((thrown: Error) => thrown)
      expect(fault).toBeInstanceOf(StatementFault)
      expect(Bun.inspect(fault, { depth: 20 })).not.toContain(secret)
      expect(Bun.inspect(fault, { depth: 20 })).not.toContain('select')
    }
  })

  test('keeps the code and constraint of a refused statement', async () => {
    const user = await storedUser(subject)
    const start = subject.stores.credentials.setPasswordHash(uniqueUserId(), 'hash')
    expect(await start.catch((fault: unknown) => fault)).toMatchObject({
      code: '23503',
      constraint: 'credentials_user_id_fkey',
    })
    expect(await subject.stores.users.find(user.id)).toEqual(user)
  })
})

describe('a closed database', () => {
  test('makes every store throw `Unavailable`, and is not available', async () => {
    const { stores } = subject
    expect(await database.isAvailable()).toBe(true)
    await database.close()
    await database.close()
    expect(await database.isAvailable()).toBe(false)
    const calls: (() => Promise<unknown>)[] = [
      () => stores.users.find(uniqueUserId()),
      () => storedUser(subject),
      () => stores.users.lockActiveAdmins(),
      () => stores.credentials.passwordHash(uniqueUserId()),
      () => stores.sessions.find(uniqueSessionId()),
      () => stores.sessions.ofUser(uniqueUserId(), NOON, { after: null, limit: 1 }),
      () => stores.idempotencyKeys.release({ keyMac: 'k', bodyMac: 'b' }),
      () => subject.readSessionState(uniqueSessionId()),
      () => subject.deliveries.backlog('http:backend'),
      () => subject.ledger.read({ after: null, userId: null, limit: 1 }),
      () => subject.maintenance.keepPartitions(NOON),
      () =>
        subject.transact(async ({ users }) => ({
          ok: true,
          value: await users.find(uniqueUserId()),
        })),
    ]
    for (const call of calls) {
      const fault = await call().catch((thrown: unknown) => thrown)
      expect(fault).toBeInstanceOf(Unavailable)
      expect(fault).toMatchObject({ cause: { message: 'PGlite is closed' } })
    }
  })
})
