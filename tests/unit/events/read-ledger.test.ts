import { describe, expect, test } from 'bun:test'
import { makeReadLedger } from '../../../src/application/events/read-ledger.ts'
import type { LedgerQuery } from '../../../src/ports/driven/events/ledger.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const PAGE = { entries: [], next: 'opaque' }

const given = () => {
  const asked: LedgerQuery[] = []
  const readLedger = makeReadLedger({
    read: async (query) => {
      asked.push(query)
      return query.after === 'garbage' ? null : PAGE
    },
  })
  return { asked, readLedger }
}

describe('reading the ledger', () => {
  test('passes the query on and the page back', async () => {
    const { asked, readLedger } = given()
    const query = { after: 'opaque', userId: givenUserId(7), limit: 20 }
    expect(await readLedger(query)).toEqual({ ok: true, value: PAGE })
    expect(asked).toEqual([query])
  })

  test('with an unreadable cursor is refused [AZ7]', async () => {
    const outcome = await given().readLedger({ after: 'garbage', userId: null, limit: 20 })
    expect(outcome).toEqual({ ok: false, refusal: { kind: 'invalid-cursor' } })
  })

  test.each([[''], ['..'], ['7'], ["' OR 1=1"], [`${givenUserId(7)} `]])(
    'of the user %j is refused before anything is asked [AZ8]',
    async (userId) => {
      const { asked, readLedger } = given()
      const outcome = await readLedger({ after: null, userId, limit: 20 })
      expect(outcome).toEqual({ ok: false, refusal: { kind: 'invalid-user-id' } })
      expect(asked).toEqual([])
    },
  )
})
