import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { prepareStatement } from '../../../../src/adapters/postgres/driver/prepared-statement.ts'
import { insertSelect } from '../../../../src/adapters/postgres/driver/rows.ts'
import { identities } from '../../../../src/adapters/postgres/driver/tables.ts'

const name = sql.placeholder('name')

const queryOf = (statement: ReturnType<ReturnType<typeof prepareStatement>>) => {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement)
  return { text, params }
}

describe('a statement whose text is built once', () => {
  test('sends a value that occurs several times once, and others in their order', () => {
    const statement = prepareStatement(
      () => sql`select ${name}::text, ${sql.placeholder('id')}::uuid, ${7}, ${name}::text, ${7}`,
    )
    expect(queryOf(statement({ id: 'i', name: 'n' }))).toEqual({
      text: 'select $1::text, $2::uuid, $3, $1::text, $4',
      params: ['n', 'i', 7, 7],
    })
  })

  test('is built once, and each call has its own values', () => {
    let built = 0
    const statement = prepareStatement(() => {
      built += 1
      return sql`select ${name}`
    })
    const [one, other] = [statement({ name: 'one' }), statement({ name: null })]
    expect(queryOf(one).params).toEqual(['one'])
    expect(queryOf(other).params).toEqual([null])
    expect(built).toBe(1)
  })

  test('numbers more than nine values', () => {
    const many = Array.from({ length: 12 }, (_, index) => sql`${sql.placeholder(`v${index}`)}`)
    const statement = prepareStatement(
      () =>
        sql`select ${sql.join(many, sql`, `)}, ${sql.placeholder('v10')}, ${sql.placeholder('v1')}`,
    )
    const values = Object.fromEntries(many.map((_, index) => [`v${index}`, index]))
    const { text, params } = queryOf(statement(values))
    expect(text).toEndWith('$10, $11, $12, $11, $2')
    expect(params).toEqual(many.map((_, index) => index))
  })

  test('writes a row with the codecs of its columns, and null for what is left out', () => {
    const statement = prepareStatement(() => insertSelect(identities, 'row'))
    const linkedAt = new Date('2026-11-24T12:00:00.123Z')
    const row = { provider: 'google', subject: 's', userId: 'u', email: null, linkedAt }
    expect(queryOf(statement({ row })).params).toEqual([
      'google',
      's',
      'u',
      null,
      linkedAt.toISOString(),
    ])
    expect(queryOf(statement({ row: {} })).params).toEqual([null, null, null, null, null])
  })

  test('is not sent without a value', () => {
    const statement = prepareStatement(() => sql`select ${name}, ${sql.placeholder('row.id')}`)
    expect(() => statement({ row: {} })).toThrow('a value for name')
    expect(() => statement({ name: 'n' })).toThrow('a value for row')
  })
})
