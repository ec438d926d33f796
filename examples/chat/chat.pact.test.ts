import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { openUserEventContract } from '@auth-service/user-events/pact'
import type { Visitor } from './presence.ts'
import { makePresence } from './presence.ts'

const contract = openUserEventContract({
  consumer: 'chat',
  folder: fileURLToPath(new URL('../../contracts/pacts', import.meta.url)),
  version: 1,
})
const READ = ['id', 'username', 'isActive', 'action'] as const

const visitor = (
  userId: string,
): Visitor & { readonly sent: string[]; readonly state: string[] } => {
  const sent: string[] = []
  const state: string[] = []
  return { userId, sent, state, send: (kind) => sent.push(kind), close: () => state.push('closed') }
}

test('Chat shows a new user by name', () =>
  contract.expects(
    { description: 'the name of somebody new', state: 'user registered', reads: READ },
    (event) => {
      const presence = makePresence()
      presence.apply(event)
      presence.join(visitor(event.userId))
      expect(presence.list()).toEqual([{ userId: event.userId, name: event.data.username }])
    },
  ))

test('Chat tells its visitors about a changed name', () =>
  contract.expects({ description: 'another name', state: 'user updated', reads: READ }, (event) => {
    const presence = makePresence()
    const here = visitor(event.userId)
    presence.join(here)
    presence.apply(event)
    expect(here.sent).toContain('renamed')
  }))

test.each([
  ['deactivated', 'user deactivated', { isActive: false }],
  ['deleted', 'user deleted', {}],
] as const)('Chat closes the stream of a %s user and refuses a new one', (what, state, exactly) =>
  contract.expects(
    { description: `somebody ${what} has to leave`, state, reads: READ, exactly },
    (event) => {
      const presence = makePresence()
      const [leaving, staying] = [visitor(event.userId), visitor('somebody else')]
      presence.join(leaving)
      presence.join(staying)
      presence.apply(event)
      expect(leaving.sent.at(-1)).toBe('goodbye')
      expect(leaving.state).toEqual(['closed'])
      expect(staying.sent.at(-1)).toBe('left')
      expect(presence.isBanned(event.userId)).toBe(true)
    },
  ),
)
