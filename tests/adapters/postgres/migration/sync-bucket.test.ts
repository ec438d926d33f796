import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { bucketOf } from '../../../../src/adapters/postgres/events/channel-routing.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { expectedBucket } from '../../../support/builders/migration/changes-by-channel.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'

const bucketIn = async ({ db }: Database, salt: string, user: string): Promise<number> => {
  const bucket = bucketOf(sql`${salt}::text`, sql`${user}::uuid`)
  const [row] = rowsOf<{ bucket: unknown }>(await db.execute(sql`select ${bucket} as bucket`))
  return Number(row?.bucket)
}

const SALT = '6f1c1e0a-3f0e-4d55-9a3e-2f7f6b0c9d11'
const user = (number: number) => `0198f3a2-0000-7000-8000-${String(number).padStart(12, '0')}`

// Never to be changed: users would move between the channels while the service runs.
const PINNED: readonly (readonly [string, string, number])[] = [
  [SALT, user(1), 3887],
  [SALT, user(2), 7259],
  [SALT, user(3), 492],
  ['another salt', user(1), 9384],
]

const databases: readonly (readonly [string, Database])[] = [
  ['PGlite', await givenDatabase()],
  ...(await givenRolesOfEachVersion()).map(
    ({ major, app }) => [`PostgreSQL ${major}`, app] as const,
  ),
]

describe.each(databases)('the bucket of a user in %s', (_, database) => {
  test.each(PINNED)('is, with salt %s and id %s, %d for ever', async (salt, id, bucket) => {
    expect(await bucketIn(database, salt, id)).toBe(bucket)
  })

  test('is computed from SHA-256 alone', async () => {
    for (let number = 10; number < 40; number += 1) {
      const bucket = await bucketIn(database, SALT, user(number))
      expect(bucket).toBe(expectedBucket(SALT, user(number)))
      expect(bucket).toBeGreaterThanOrEqual(0)
      expect(bucket).toBeLessThan(10_000)
    }
  })

  test('holds as many users as any other', async () => {
    const bucket = bucketOf(sql`${SALT}::text`, sql`gen.id`)
    const rows = rowsOf<{ bucket: unknown }>(
      await database.db.execute(sql`
        select ${bucket} as bucket from (
          select ('0198f3a2-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as id
          from generate_series(1, 20000) n
        ) gen`),
    )
    const users = rows.map((row) => Number(row.bucket))
    expect(users).toHaveLength(20_000)
    for (const percent of [1, 10, 50]) {
      const share = users.filter((one) => one < percent * 100).length / users.length
      expect(Math.abs(share - percent / 100)).toBeLessThan(0.01)
    }
  })
})
