import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { attempt } from '../../../../src/adapters/postgres/driver/faults.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { givenPostgresOfEachVersion } from '../../../support/servers/postgres/given-postgres.ts'

for (const { major, url } of await givenPostgresOfEachVersion())
  test(`PostgreSQL ${major} answers all rows after a statement that failed after its first rows`, async () => {
    const { db, close } = openPostgres({
      address: postgresAt(url),
      applicationName: 'under-test',
      poolSize: 1,
    })
    const failing = sql`select 1 / (300 - number) from generate_series(1, 400) number`
    await expect(attempt(db.execute(failing))).rejects.toThrow('22012')
    const answer = await db.execute(sql`select number from generate_series(1, 2) number`)
    expect([...rowsOf(answer)]).toEqual([{ number: 1 }, { number: 2 }])
    await close()
  })
