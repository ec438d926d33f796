import { describe, expect, test } from 'bun:test'
import { parseSessionId } from '../../../../src/domain/shared/ids.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { ReadLedger } from '../../../../src/ports/driving/events/events.ts'
import { quickestOf } from '../../../support/processes/timing/quickest-of.ts'
import type { Api } from '../given-api.ts'
import { bearer, givenApi, NOW, SESSION, SESSION_ID, USER } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const LISTS = ['/v1/users/me/sessions', '/v1/admin/events', '/v1/admin/dead-letters']

const ask = ({ send }: Api, path: string): Promise<Response> =>
  send(path, { headers: bearer('admin') })

describe('every list', () => {
  test.each(['-1', '0', '101', '1000000000', 'NaN', '1.5', '1e1', '0x10', '', '%20', '١', '010'])(
    'refuses the limit "%s" [AZ7]',
    async (limit) => {
      for (const path of LISTS) {
        const response = await ask(givenApi(), `${path}?limit=${limit}`)
        expect(response.status).toBe(422)
        expect(await response.json()).toMatchObject({
          code: 'invalid-request',
          errors: [{ pointer: '#/limit', code: 'out-of-range' }],
        })
      }
    },
  )

  test.each(['1', '20', '100'])('takes the limit %s', async (limit) => {
    for (const path of LISTS)
      expect((await ask(givenApi(), `${path}?limit=${limit}`)).status).toBe(200)
  })

  test('refuses a parameter given twice, and names that it does not know [AZ7]', async () => {
    const queries = ['limit=1&limit=2', 'sort=password', 'sort=%22password%22', '__proto__=1']
    for (const path of LISTS)
      for (const query of queries)
        expect([query, (await ask(givenApi(), `${path}?${query}`)).status]).toEqual([query, 422])
  })
})

test('a query of thousands of parameters costs less than 10 ms to refuse [FZ5]', async () => {
  const api = givenApi()
  const numbers = Array.from({ length: 3500 }, (_, index) => index.toString(36))
  const queries = [numbers.join('&'), 'limit&'.repeat(2500), numbers.fill('limit=1').join('&')]
  const { seconds } = await quickestOf(3, 0.01, async () => {
    const started = performance.now()
    for (const query of queries)
      for (const path of LISTS) expect((await ask(api, `${path}?${query}`)).status).toBe(422)
    return { seconds: (performance.now() - started) / 1000 / (queries.length * LISTS.length) }
  })
  expect(seconds).toBeLessThan(0.01)
})

/** A place with an instant that no calendar has. */
const BEYOND_TIME = Buffer.from(`999999999999999.${SESSION_ID}`).toString('base64url')

describe('the list of sessions', () => {
  const sessions = [1, 2, 3].map((number) => {
    const id = parseSessionId(`0198f3a2-0000-7000-8000-00000000000${number}`)
    if (id === null) throw new Error('a fixture is wrong')
    return { ...SESSION, id, createdAt: new Date(NOW.getTime() + (number === 1 ? 0 : 1)) }
  })
  const newestFirst = sessions.toReversed()
  const api = givenApi({
    listSessions: async (_caller, { after, limit }) => {
      const begin = newestFirst.findIndex(({ id }) => id === after?.id) + 1
      return newestFirst.slice(begin, begin + limit)
    },
  })

  const walk = async (path: string): Promise<unknown[]> => {
    const page = await (await ask(api, path)).json()
    if (typeof page !== 'object' || page === null || !('items' in page) || !('nextCursor' in page))
      throw new Error('not a page')
    const items = Array.isArray(page.items) ? page.items : []
    if (page.nextCursor === null) return items
    return [...items, ...(await walk(`/v1/users/me/sessions?limit=1&cursor=${page.nextCursor}`))]
  }

  test('shows each session once over all its pages, newest first', async () => {
    const items = await walk('/v1/users/me/sessions?limit=1')
    expect(items).toMatchObject(
      [sessions[2], sessions[1], sessions[0]].map((each) => ({ id: each?.id })),
    )
  })

  test('reads no more sessions than the page has, and one [SE15]', async () => {
    const pages: unknown[] = []
    const listening = givenApi({
      listSessions: async (_caller, page) => {
        pages.push(page)
        return newestFirst.slice(0, page.limit)
      },
    })
    const [newest] = newestFirst
    await ask(listening, '/v1/users/me/sessions?limit=1')
    const place = `${newest?.createdAt.getTime()}.${newest?.id}`
    const cursor = Buffer.from(place).toString('base64url')
    await ask(listening, `/v1/users/me/sessions?limit=7&cursor=${cursor}`)
    expect(pages).toEqual([
      { after: null, limit: 2 },
      { after: { createdAt: newest?.createdAt, id: newest?.id }, limit: 8 },
    ])
  })

  test.each(['', 'x', 'MQ', '%00', 'a'.repeat(5000), BEYOND_TIME])(
    'refuses a cursor that it never gave: %s',
    async (cursor) => {
      const response = await ask(api, `/v1/users/me/sessions?cursor=${cursor}`)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/cursor' }] })
    },
  )

  test('marks the session that asks, and says when each ends', async () => {
    const response = await ask(givenApi(), '/v1/users/me/sessions')
    expect(await response.json()).toEqual({
      items: [
        {
          id: SESSION_ID,
          createdAt: '2026-11-24T10:00:00.000Z',
          lastUsedAt: '2026-11-24T10:00:00.000Z',
          expiresAt: '2026-11-24T10:16:40.000Z',
          userAgent: 'curl/8',
          addressPrefix: '203.0.113.7/32',
          current: true,
        },
      ],
      nextCursor: null,
    })
  })

  test.each(['not-a-uuid', '1', '%2e%2e%2f', "'%20OR%201=1", '0198f3a2', '%00'])(
    'finds nothing to end under the id %s [AZ8]',
    async (id) => {
      const { send } = givenApi()
      const path = `/v1/users/me/sessions/${id}`
      const response = await send(path, { method: 'DELETE', headers: bearer('user') })
      expect(response.status).toBe(404)
      expect(await problemCode(response)).toBe('not-found')
    },
  )
})

describe('the ledger', () => {
  const askWith = (readLedger: ReadLedger, query = '') =>
    ask(givenApi({ readLedger }), `/v1/admin/events${query}`)

  test('is asked with what the query says', async () => {
    const queries: unknown[] = []
    await askWith(async (query) => {
      queries.push(query)
      return ok({ entries: [], next: null })
    }, `?after=abc&userId=${USER.id}&limit=5`)
    expect(queries).toEqual([{ after: 'abc', userId: USER.id, limit: 5 }])
  })

  test.each([
    ['invalid-cursor', '#/after'],
    ['invalid-user-id', '#/userId'],
  ] as const)('refuses %s at %s [AZ8]', async (kind, pointer) => {
    const response = await askWith(async () => fail({ kind }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })
})
