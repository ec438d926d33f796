import { afterAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { attempt } from '../../../../src/adapters/postgres/driver/faults.ts'
import { auditLog } from '../../../../src/adapters/postgres/driver/tables.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import type { AuditEntry } from '../../../../src/ports/driven/audit/audit-trail.ts'
import {
  announcement,
  HOME,
  NOON,
  storedUser,
  uniqueSessionId,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { refusalOf } from '../../../support/builders/database/refused-statement.ts'

const database = await givenDatabase()
const subject = givenStores(database)
afterAll(() => database.close())

const entries = () => attempt(database.db.select().from(auditLog))
const failed: AuditEntry = {
  action: 'sign-in.failed',
  result: 'refused',
  actorId: null,
  subjectId: null,
  addressPrefix: HOME,
  identifierMac: 'mac',
  at: NOON,
}

describe('the audit trail', () => {
  test('stores actor, action, subject, instant and address, with the trace id of the request [LE5]', async () => {
    const user = await storedUser(subject)
    const ended: AuditEntry = {
      action: 'session.ended',
      result: 'ok',
      actorId: user.id,
      subjectId: user.id,
      sessionId: uniqueSessionId(),
      addressPrefix: null,
      details: 'by the owner',
      at: NOON,
    }
    await subject.stores.audit.append(failed)
    await subject.stores.audit.append(ended)
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    expect(await entries()).toEqual([
      { ...failed, identifierMac: 'mac', sessionId: null, traceId, details: null },
      {
        ...ended,
        identifierMac: null,
        sessionId: ended.sessionId ?? null,
        traceId,
        details: 'by the owner',
      },
    ])
  })

  test('keeps the entries of a deleted user', async () => {
    const user = await storedUser(subject)
    await subject.stores.audit.append({ ...failed, subjectId: user.id })
    await subject.stores.users.remove(user, announcement())
    expect((await entries()).map(({ subjectId }) => subjectId)).toContain(user.id)
  })

  test('has no entry of a refused transaction', async () => {
    const before = await entries()
    await subject.transact(async ({ audit }) => {
      await audit.append(failed)
      return fail({ kind: 'no' })
    })
    expect(await entries()).toEqual(before)
  })

  test('cannot be updated, deleted or truncated [LE5]', async () => {
    await subject.stores.audit.append(failed)
    const refused = await Promise.all([
      refusalOf(database, sql`update audit_log set result = 'ok'`),
      refusalOf(database, sql`delete from audit_log`),
      refusalOf(database, sql`truncate audit_log`),
    ])
    expect(refused).toEqual(['no_update', 'no_delete', 'no_truncate'])
  })
})
