import { expect, test } from 'bun:test'
import {
  endingTwoOfFour,
  listedOneByOne,
  THE_OLDEST_TWO_END,
} from '../../contract/ports/sessions/sessions.contract.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenStores } from '../../support/builders/database/given-stores.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Module = typeof import('../../../src/adapters/postgres/sessions/sessions.ts')

const PATH = 'src/adapters/postgres/sessions/sessions.ts'
const database = await givenDatabase()

const given = async (right?: string, wrong?: string) => {
  const { makeSessions } = await plantedFault<Module>(PATH, right, wrong)
  const subject = givenStores(database)
  const stores = { ...subject.stores, sessions: makeSessions(database.db, () => null) }
  return { ...subject, stores }
}

/** Which sessions end beyond the limit, with a change in the statement. */
const outcomeWith = async (right?: string, wrong?: string) => {
  const { ended, live, audited } = await endingTwoOfFour(await given(right, wrong))
  return { ended, live, audited }
}

test('the sessions as they are end beyond the limit, and are listed page by page', async () => {
  expect(await outcomeWith()).toEqual(THE_OLDEST_TWO_END)
  expect(await listedOneByOne((await given()).stores)).toEqual([20, 10, 10, 10, 0])
})

test('sessions that never end beyond the limit are caught', async () => {
  expect((await outcomeWith("placeholder('keep')}", "raw('1000')}")).ended).toBe(0)
})

test('a limit by the start of a session is caught by one in use', async () => {
  expect(
    (await outcomeWith('desc, last_used_at desc', 'desc, created_at desc')).live,
  ).not.toContain('used')
})

test('a limit that may end the session just opened is caught', async () => {
  expect((await outcomeWith('order by id = ', 'order by id <> ')).live).not.toContain('opened')
})

test('ends without an entry are caught', async () => {
  expect((await outcomeWith(')} from ended)', ')} from ended where false)')).audited).toEqual([])
})

test('a list that reads all sessions is caught by its first page', async () => {
  const { stores } = await given('.limit(limit)', '.limit(1000)')
  expect(await listedOneByOne(stores).catch(String)).toContain('more sessions than it may')
})

test('pages by instants alone are caught by sessions that began together', async () => {
  const { stores } = await given(
    'sessions.id})`',
    `sql.raw("'00000000-0000-0000-0000-000000000000'::uuid")})\``,
  )
  expect((await listedOneByOne(stores)).length).toBeLessThan(5)
})
