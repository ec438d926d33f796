import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { ProviderState } from '../../../packages/user-events/src/pact.ts'
import { describeVerdict } from '../../../src/adapters/cli/events/contracts.ts'
import type { FindMessage, PublishedMessage } from '../../../src/adapters/pact/find-message.ts'
import { USER_STATES } from '../../../src/adapters/pact/user-states.ts'
import { ok } from '../../../src/domain/shared/result.ts'
import {
  composeContracts,
  findPublishedMessage,
} from '../../../src/main/compose/commands/contracts.ts'
import { compose } from '../../../src/main/compose.ts'
import { givenContract } from '../../support/builders/events/given-contract.ts'

const STATES = [
  'user registered',
  'user registered without email',
  'user updated',
  'user role changed',
  'user deactivated',
  'user deleted',
] as const satisfies readonly ProviderState[]

const verify = async (path: string, findMessage: FindMessage = findPublishedMessage) =>
  describeVerdict(
    await composeContracts(compose, findMessage).verifyContracts({ kind: 'files', paths: [path] }),
  )

describe('the contract that the test kit writes', () => {
  test('knows the provider states of the service, and no others', () => {
    expect([...STATES].sort()).toEqual([...USER_STATES.keys()].sort() as ProviderState[])
  })

  test.each([1, 2] as const)(
    'is fulfilled by version %d in every state and field',
    async (version) => {
      const everything = STATES.map((state) => ({ description: `all of ${state}`, state }))
      const path = await givenContract('everybody', version, everything)
      expect(await verify(path)).toMatchObject({ exitCode: 0 })
    },
  )

  test.each([1, 2] as const)(
    'is fulfilled by messages for one consumer alone, read as version %d',
    async (version) => {
      const everything = STATES.map((state) => ({
        description: `all of ${state}`,
        state,
        isDirect: true,
      }))
      const path = await givenContract('everybody', version, everything)
      expect(readFileSync(path, 'utf8')).toContain('"direct.user.events.everybody"')
      expect(await verify(path)).toMatchObject({ exitCode: 0 })
    },
  )
})

type Body = Record<string, unknown>

const withBody =
  (change: (body: Body) => Body) =>
  (message: PublishedMessage): PublishedMessage => {
    const body: Body = JSON.parse(new TextDecoder().decode(message.body))
    return { ...message, body: new TextEncoder().encode(JSON.stringify(change(body))) }
  }
const withoutHeader =
  (name: string) =>
  (message: PublishedMessage): PublishedMessage => ({
    ...message,
    headers: Object.fromEntries(Object.entries(message.headers).filter(([key]) => key !== name)),
  })

/** The published message, with something wrong. */
const broken =
  (mutate: (message: PublishedMessage) => PublishedMessage): FindMessage =>
  (states) => {
    const found = findPublishedMessage(states)
    return found.ok ? ok(mutate(found.value)) : found
  }

const MUTANTS: readonly (readonly [string, ReturnType<typeof withBody>, string])[] = [
  [
    'a renamed field',
    withBody(({ displayName, ...others }) => ({ ...others, display_name: displayName })),
    'displayName',
  ],
  ['null where text is promised', withBody((body) => ({ ...body, email: null })), 'body $.email'],
  ['a wrong action', withBody((body) => ({ ...body, action: 'created' })), 'body $.action'],
  ['a number as text', withBody((body) => ({ ...body, version: '3' })), 'body $.version'],
  ['a truth as text', withBody((body) => ({ ...body, isActive: 'true' })), 'body $.isActive'],
  ['a role that nobody knows', withBody((body) => ({ ...body, role: 'root' })), 'body $.role'],
  ['a missing event id', withoutHeader('ce-id'), 'header ce-id'],
  ['a missing user id', withoutHeader('ce-subject'), 'header ce-subject'],
  ['a missing version', withoutHeader('ce-sequence'), 'header ce-sequence'],
  ['another subject', (message) => ({ ...message, subject: 'user.events' }), 'header subject'],
]

describe('a service that publishes', () => {
  test.each(MUTANTS)('%s is found, by name', async (_, mutate, named) => {
    const reads = [{ description: 'what changed', state: 'user role changed' }] as const
    const path = await givenContract('careful', 2, reads)
    const { exitCode, lines } = await verify(path, broken(mutate))
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toContain(named)
  })
})

describe('a service that sends messages for one consumer', () => {
  test.each([
    [
      'on another subject',
      (message: PublishedMessage) => ({ ...message, subject: 'user.events.v2' }),
      'header subject',
    ],
    [
      'of version 1',
      withBody(({ schemaVersion: _, emailVerified: __, ...body }) => body),
      'schemaVersion',
    ],
  ])('%s is found, by name', async (_, mutate, named) => {
    const reads = [{ description: 'again', state: 'user updated', isDirect: true }] as const
    const path = await givenContract('careful', 2, reads)
    const { exitCode, lines } = await verify(path, broken(mutate))
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toContain(named)
  })
})

describe('a contract on what a consumer reads', () => {
  test('does not bind the fields that it leaves out', async () => {
    const path = await givenContract('modest', 1, [
      { description: 'a name', state: 'user registered', reads: ['id', 'username'] },
    ])
    const withoutAddress = broken(withBody(({ email, ...others }) => others))
    expect(await verify(path, withoutAddress)).toMatchObject({ exitCode: 0 })
  })

  test('holds the service to exact values', async () => {
    const path = await givenContract('strict', 1, [
      { description: 'gone', state: 'user updated', reads: ['id'], exactly: { isActive: false } },
    ])
    const { exitCode, lines } = await verify(path)
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toContain('body $.isActive')
  })
})
