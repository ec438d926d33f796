import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SchemaVersion, UserEvent } from '../../../packages/user-events/src/index.ts'
import { decode } from '../../../packages/user-events/src/index.ts'
import type { Expectation } from '../../../packages/user-events/src/pact.ts'
import { openUserEventContract } from '../../../packages/user-events/src/pact.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

type Take<Version extends SchemaVersion> = Parameters<
  ReturnType<typeof openUserEventContract<Version>>['expects']
>[1]

/** The fields that the Pact has after the consumer has taken one message, in alphabetical order. */
const fieldsOf = async <Version extends SchemaVersion = 1>(
  take: Take<Version>,
  more: Partial<Expectation<Version>> = {},
  version = 1 as Version,
): Promise<readonly string[]> => {
  const folder = temporaryFolder()
  const contract = openUserEventContract({ consumer: 'reader', folder, version })
  await contract.expects({ description: 'a user', state: 'user updated', ...more }, take)
  const pact = JSON.parse(readFileSync(join(folder, 'reader-auth-service.json'), 'utf8'))
  return Object.keys(pact.interactions[0].contents.content).toSorted()
}

const NINE = [
  'action',
  'avatar',
  'displayName',
  'email',
  'id',
  'isActive',
  'role',
  'timestamp',
  'username',
]

describe('a contract without declared fields has', () => {
  test.each<[string, (event: UserEvent<1>) => unknown, readonly string[]]>([
    ['what was read', ({ data }) => [data.email, data.role], ['email', 'role']],
    ['what a variable was made from', ({ data: { username } }) => username, ['username']],
    ['what was asked for by its name', ({ data }) => 'avatar' in data, ['avatar']],
    ['the time, which is in the body', ({ occurredAt }) => occurredAt, ['timestamp']],
    ['all fields, when they were copied', ({ data }) => ({ ...data }), NINE],
    ['all fields, when the rest was taken', ({ data: { id: _, ...rest } }) => rest, NINE],
    ['all fields, when they were written as JSON', (event) => JSON.stringify(event.data), NINE],
    ['all fields, when they were listed', ({ data }) => Object.values(data), NINE],
    [
      'the id alone, when only headers were used',
      ({ version, userId }) => [version, userId],
      ['id'],
    ],
    ['the id alone, when the event was copied', (event) => ({ ...event }), ['id']],
    ['what a later step read', async (event) => (await Promise.resolve(event)).data.role, ['role']],
  ])('%s', async (_, take, fields) => {
    expect(await fieldsOf((event) => void take(event))).toEqual([...fields])
  })

  test('all fields, when the consumer decoded the message itself', async () => {
    expect(await fieldsOf((_event, message) => void decode(message, 1))).toEqual(NINE)
  })

  test('what was read of an altered event', async () => {
    const fields = await fieldsOf((_event, _message, alter) => {
      const before = alter({ version: 1, data: { isActive: false } })
      expect([before.version, before.data.isActive, before.data.username]).toEqual([
        1,
        false,
        'ada',
      ])
    })
    expect(fields).toEqual(['isActive', 'username'])
  })

  test('fields of version 2', async () => {
    const fields = await fieldsOf<2>(({ data }) => void data.changed.includes('role'), {}, 2)
    expect(fields).toEqual(['changed'])
  })
})

describe('a contract with declared fields', () => {
  test('has them, whether they were read or not', async () => {
    const reads = ['email', 'role'] as const
    expect(await fieldsOf(({ data }) => void data.email, { reads })).toEqual(['email', 'role'])
  })

  test('may read what it relies on exactly', async () => {
    const more = { reads: ['id'], exactly: { isActive: false } } as const
    const fields = await fieldsOf(({ data }) => expect(data.isActive).toBe(false), more)
    expect(fields).toEqual(['id', 'isActive'])
  })

  test.each<[string, Take<1>, string]>([
    ['one field more', ({ data }) => [data.email, data.role], 'role'],
    ['two fields more', ({ data }) => [data.avatar, data.role], 'avatar, role'],
    ['the time', ({ occurredAt }) => occurredAt, 'timestamp'],
    ['another field of an altered event', (_event, _message, alter) => alter({}).data.role, 'role'],
    ['another field after it has waited', async ({ data }) => [await null, data.role], 'role'],
  ])('fails when the consumer reads %s, and is not written', async (_, take, named) => {
    const folder = temporaryFolder()
    const contract = openUserEventContract({ consumer: 'reader', folder, version: 1 })
    const kept = contract.expects(
      { description: 'a user', state: 'user updated', reads: ['email'] },
      take,
    )
    await expect(kept).rejects.toThrow(
      `a user: the consumer reads ${named}, which \`reads\` does not declare`,
    )
    expect(() => readFileSync(join(folder, 'reader-auth-service.json'))).toThrow()
  })

  test('calls the consumer once', async () => {
    let calls = 0
    await fieldsOf(() => {
      calls += 1
    })
    expect(calls).toBe(1)
  })

  test('fails with the fault of the consumer', async () => {
    await expect(fieldsOf(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  })
})
