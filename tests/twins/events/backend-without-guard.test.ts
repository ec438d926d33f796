import { expect, test } from 'bun:test'
import type { Sql } from '../../../examples/backend/database.ts'
import { openDatabase } from '../../../examples/backend/database.ts'
import { applyToMembers, listMembers, makeTables } from '../../../examples/backend/members.ts'
import { decode } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

const event = (version: number) => {
  const read = decode(
    givenUserEvent(givenChange(1, version, { username: `version-${version}` })),
    1,
  )
  if (!read.ok) throw new Error(read.problem)
  return read.event
}

/** What Backend holds after a newer change came by one path and an older one by the other. */
const heldAfter = async (apply: typeof applyToMembers) => {
  const database = await openDatabase(undefined, 'memory://')
  await makeTables(database)
  for (const version of [2, 1]) await apply(event(version), database.sql)
  const held = await listMembers(database.sql)
  await database.close()
  return held.map(({ username }) => username)
}

/** The statement with its last condition taken away. */
const unguarded: typeof applyToMembers = (one, sql) => {
  const without: Sql = (template, ...values) => {
    const parts = template.map((part) => part.replace(/where members.version < .*/, ''))
    return sql(Object.assign(parts, { raw: parts }), ...values)
  }
  return applyToMembers(one, without)
}

test('a Backend that does not compare versions is found with an old one', async () => {
  expect(await heldAfter(applyToMembers)).toEqual(['version-2'])
  expect(await heldAfter(unguarded)).toEqual(['version-1'])
}, 60_000)
