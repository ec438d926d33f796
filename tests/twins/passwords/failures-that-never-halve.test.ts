import { expect, test } from 'bun:test'
import {
  failuresOverDays,
  HALVED_EACH_DAY,
} from '../../contract/ports/passwords/credentials.contract.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenStores } from '../../support/builders/database/given-stores.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Module = typeof import('../../../src/adapters/postgres/passwords/credentials.ts')

const PATH = 'src/adapters/postgres/passwords/credentials.ts'
const database = await givenDatabase()

/** What is left of an account's failures over days, with a change in the statements. */
const leftWith = async (right?: string, wrong?: string) => {
  const { makeCredentials } = await plantedFault<Module>(PATH, right, wrong)
  const { stores } = givenStores(database)
  return failuresOverDays({ ...stores, credentials: makeCredentials(database.db) })
}

test('the failures as they are counted halve each day, whatever is tried meanwhile', async () => {
  expect(await leftWith()).toEqual(HALVED_EACH_DAY)
})

test('failures that never halve are caught after a day', async () => {
  const [, afterADay] = await leftWith(
    'count}, 0) as',
    "sql.raw('credential.consecutive_failures')}, 0) as",
  )
  expect(afterADay).toBe(100)
})

test('failures whose day begins again with each attempt are caught by attempts at the cap', async () => {
  const [, afterADay] = await leftWith('halvedAt} end', 'NOW} end')
  expect(afterADay).toBe(100)
})
