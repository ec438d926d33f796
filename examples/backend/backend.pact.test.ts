import { beforeAll, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { openUserEventContract } from '@auth-service/user-events/pact'
import type { Database } from './database.ts'
import { openDatabase } from './database.ts'
import { applyToMembers, listMembers, makeTables } from './members.ts'

const contract = openUserEventContract({
  consumer: 'backend',
  folder: fileURLToPath(new URL('../../contracts/pacts', import.meta.url)),
  version: 1,
})
const READ = ['id', 'email', 'username', 'role', 'isActive', 'action'] as const

let database: Database
beforeAll(async () => {
  database = await openDatabase(undefined, 'memory://')
  await makeTables(database)
}, 60_000)

/** The members of an empty Backend after it has applied the event. */
const heldAfter = async (event: Parameters<typeof applyToMembers>[0]) => {
  await database.sql`delete from members`
  expect(await applyToMembers(event, database.sql)).toBe(true)
  return listMembers(database.sql)
}

test('Backend keeps a member for somebody new', () =>
  contract.expects(
    { description: 'a member for somebody new', state: 'user registered', reads: READ },
    async (event) => {
      const { email, username } = event.data
      expect(await heldAfter(event)).toMatchObject([{ email, username, version: 1 }])
    },
  ))

test('Backend keeps a member without an address', () =>
  contract.expects(
    {
      description: 'a member without an address',
      state: 'user registered without email',
      reads: READ,
    },
    async (event) => {
      expect(await heldAfter(event)).toMatchObject([{ email: null }])
    },
  ))

test('Backend takes over a new role', () =>
  contract.expects(
    { description: 'another role', state: 'user role changed', reads: READ },
    async (event) => {
      expect(await heldAfter(event)).toMatchObject([{ role: event.data.role }])
    },
  ))

test('Backend keeps a deactivated member, marked as such', () =>
  contract.expects(
    {
      description: 'a deactivated member',
      state: 'user deactivated',
      reads: READ,
      exactly: { isActive: false },
    },
    async (event) => {
      expect(await heldAfter(event)).toMatchObject([{ isActive: false }])
    },
  ))

test('Backend lets nothing that comes late revive a deleted member', () =>
  contract.expects(
    { description: 'a member who is gone', state: 'user deleted', reads: READ },
    async (event) => {
      expect(await heldAfter(event)).toEqual([])
      const late = { ...event, version: event.version - 1, action: 'updated' as const }
      expect(await applyToMembers(late, database.sql)).toBe(false)
    },
  ))
