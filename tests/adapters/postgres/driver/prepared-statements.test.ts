import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PGlite } from '@electric-sql/pglite'
import { withPreparedStatements } from '../../../../src/adapters/postgres/driver/prepared-statements.ts'

let kept: PGlite
let plain: PGlite

beforeAll(async () => {
  plain = await PGlite.create()
  kept = withPreparedStatements(
    await PGlite.create({ loadDataDir: await plain.dumpDataDir('none') }),
  )
  for (const client of [kept, plain])
    await client.exec('create table things (id integer primary key, name text, at timestamptz)')
})

afterAll(async () => {
  await kept.close()
  await plain.close()
})

const caught = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => ({}),
    (fault) => fault,
  )

const INSERT = 'insert into things (id, name, at) values ($1, $2, $3) returning *'
const SELECT = 'select * from things where id = $1'

const statementsOf = async (client: PGlite): Promise<number> => {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::integer as count from pg_prepared_statements',
  )
  return rows[0]?.count ?? Number.NaN
}

const MANY_TYPES = 'select $1::text[] as a, $2::bytea as b, $3::jsonb as c, $4::bigint as d'

describe('a prepared statement', () => {
  test.each([
    ['a row', INSERT, [1, 'a', new Date(0)], {}],
    ['nulls, as an array', INSERT, [2, null, undefined], { rowMode: 'array' as const }],
    ['what it found', SELECT, [1], {}],
    ['what it found, once more', SELECT, [1], { rowMode: 'array' as const }],
    ['that it found nothing', SELECT, [7], {}],
    ['by own parsers', SELECT, [1], { parsers: { 1184: (text: string) => `at ${text}` } }],
    ['how many it changed', 'update things set name = $1', ['b'], {}],
    ['types', MANY_TYPES, [['x', '{y}'], new Uint8Array([0, 255]), { e: [1] }, 2n ** 60n], {}],
  ])('answers %s as PGlite does', async (_what, text, parameters, options) => {
    const expected = await plain.query(text, parameters, options)
    expect(await kept.query(text, parameters, options)).toEqual(expected)
    const within = await kept.transaction(async (tx) => {
      const repeated = text === INSERT ? SELECT : text
      return tx.query(repeated, text === INSERT ? [parameters[0]] : parameters, options)
    })
    expect(within.rows).toEqual(expected.rows)
  })

  test.each([
    ['a name twice', INSERT, [1, 'a', null], '23505'],
    ['a wrong type', SELECT, ['one'], '22P02'],
    ['no such table', 'select $1::integer from nothings', [1], '42P01'],
    ['no SQL', 'selekt $1', [1], '42601'],
  ])(
    'fails for %s as PGlite does, and the next one works',
    async (_what, text, parameters, code) => {
      const expected = await caught(plain.query(text, parameters))
      const fault = await caught(kept.query(text, parameters))
      expect(fault['code']).toBe(code)
      expect([fault['message'], fault['constraint']]).toEqual([
        expected['message'],
        expected['constraint'],
      ])
      expect((await kept.query(SELECT, [1])).rows).toHaveLength(1)
    },
  )

  test('that fails in a transaction aborts only that transaction', async () => {
    const fault = await caught(
      kept.transaction(async (tx) => {
        await tx.query(INSERT, [3, 'c', null])
        await tx.query(INSERT, [1, 'a', null])
      }),
    )
    expect(fault['code']).toBe('23505')
    expect((await kept.query(SELECT, [3])).rows).toEqual([])
  })

  test('of another caller waits for the end of a transaction', async () => {
    let seen: Promise<unknown[]> | undefined
    await kept.transaction(async (tx) => {
      await tx.query(INSERT, [4, 'd', null])
      seen = kept.query(SELECT, [4]).then(({ rows }) => rows)
      await tx.query(SELECT, [1])
      await tx.rollback()
    })
    expect(await seen).toEqual([])
  })

  test('is refused after the end of its transaction', async () => {
    const tx = await kept.transaction(async (open) => open)
    const fault = await caught(tx.query(SELECT, [1]))
    expect(fault['message']).toBe('Transaction is closed')
  })

  test('whose table was altered works again after one failure', async () => {
    await kept.query(SELECT, [1])
    await kept.exec('alter table things add column extra integer')
    expect((await caught(kept.query(SELECT, [1])))['code']).toBe('0A000')
    expect((await kept.query(SELECT, [1])).rows).toMatchObject([{ id: 1, extra: null }])
  })

  test('is prepared once, and only the latest 256 are kept', async () => {
    await kept.query(SELECT, [1])
    const before = await statementsOf(kept)
    await kept.query(SELECT, [1])
    await caught(kept.query(INSERT, [1, 'a', null]))
    expect(await statementsOf(kept)).toBe(before)
    for (let number = 0; number < 300; number += 1) await kept.query(`select $1, ${number}`, [1])
    expect(await statementsOf(kept)).toBe(256)
  })
})
