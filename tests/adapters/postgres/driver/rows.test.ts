import { describe, expect, test } from 'bun:test'
import { readRow, rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { outboxEvents, sessions } from '../../../../src/adapters/postgres/driver/tables.ts'

const SALT = Uint8Array.from([0, 127, 255])
const NOON = new Date('2026-11-24T12:00:00.123Z')

const session = {
  id: 's',
  user_id: 'u',
  generation: 2,
  salt: SALT,
  created_at: '2026-11-24 12:00:00.123+00',
  last_used_at: '2026-11-24 12:00:00.123+00',
  authenticated_at: '2026-11-24 17:30:00.123+05:30',
  idle_expires_at: '2026-11-24 12:00:00.123+00',
  absolute_expires_at: '2026-11-24 12:00:00.123+00',
  ended_at: null,
  rotations: '{"2026-11-24 12:00:00.123+00","2026-11-24 19:00:00.123+07"}',
  user_agent: null,
  address_prefix: null,
}

describe('a row', () => {
  test('is found in the answer of both drivers', () => {
    expect(rowsOf({ rows: [{ a: 1 }], affectedRows: 1 })).toEqual([{ a: 1 }])
    expect(rowsOf(Object.assign([{ a: 1 }], { count: 1 }))).toHaveLength(1)
  })

  test('gives the same instants whatever their offset', () => {
    const read = readRow(sessions, session)
    expect(read.createdAt).toEqual(NOON)
    expect(read.authenticatedAt).toEqual(NOON)
    expect(read.rotations).toEqual([NOON, NOON])
    expect(read.endedAt).toBeNull()
  })

  test('gives a copy of the bytes, not the buffer of the driver', () => {
    const { salt } = readRow(sessions, { ...session, salt: Buffer.from(SALT) })
    expect(salt).toEqual(SALT)
    expect(salt).not.toBeInstanceOf(Buffer)
  })

  test('gives a number for a bigint as text, number or BigInt', () => {
    const event = { state: {}, changed: [], occurred_at: '2026-11-24 12:00:00.123+00' }
    const version = (value: unknown) => readRow(outboxEvents, { ...event, version: value }).version
    expect([version('4294967297'), version(4294967297), version(4294967297n)]).toEqual(
      Array(3).fill(4294967297),
    )
  })
})
