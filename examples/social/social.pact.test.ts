import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { openUserEventContract } from '@auth-service/user-events/pact'
import { openCards } from './cards.ts'

const social = {
  consumer: 'social',
  folder: fileURLToPath(new URL('../../contracts/pacts', import.meta.url)),
}
const contract = openUserEventContract({ ...social, version: 1 })
// Social reads version 1 and is ready for version 2, so that it can move at any time.
const next = openUserEventContract({ ...social, version: 2 })
const READ = ['id', 'username', 'displayName', 'avatar', 'isActive'] as const

test('Social adds a card for a new user', () =>
  contract.expects(
    { description: 'a card for somebody new', state: 'user registered', reads: READ },
    (event) => {
      const cards = openCards(':memory:')
      cards.apply(event)
      expect(cards.find(event.userId)).toMatchObject({ name: event.data.displayName })
    },
  ))

test('Social shows the username of a user without a display name', () =>
  contract.expects(
    {
      description: 'a card for somebody who came without an address',
      state: 'user registered without email',
      reads: READ,
    },
    (event) => {
      const cards = openCards(':memory:')
      cards.apply(event)
      expect(cards.find(event.userId)).toMatchObject({ name: event.data.username })
    },
  ))

test('Social shows a new name and picture', () =>
  contract.expects(
    { description: 'a new name and picture', state: 'user updated', reads: READ },
    (event) => {
      const cards = openCards(':memory:')
      cards.apply(event)
      expect(cards.find(event.userId)).toMatchObject({ avatar: event.data.avatar })
    },
  ))

test('Social removes the card of a deactivated user', () =>
  contract.expects(
    {
      description: 'no card for a deactivated user',
      state: 'user deactivated',
      reads: READ,
      exactly: { isActive: false },
    },
    (event, _message, alter) => {
      const cards = openCards(':memory:')
      cards.apply(alter({ data: { isActive: true } }))
      cards.apply(event)
      expect(cards.list()).toEqual([])
    },
  ))

test('Social removes the card of a deleted user', () =>
  contract.expects(
    {
      description: 'no card for a deleted user',
      state: 'user deleted',
      reads: [...READ, 'action'],
    },
    (event, _message, alter) => {
      const cards = openCards(':memory:')
      cards.apply(alter({ action: 'updated', data: { isActive: true } }))
      cards.apply(event)
      expect(cards.list()).toEqual([])
    },
  ))

test('Social shows a new picture that it gets again, in a message for it alone', () =>
  contract.expects(
    { description: 'a replayed picture', state: 'user updated', isDirect: true, reads: READ },
    (event) => {
      const cards = openCards(':memory:')
      cards.apply(event)
      expect(cards.find(event.userId)).toMatchObject({ avatar: event.data.avatar })
    },
  ))

test('Social adds a card for a new user by version 2 as well', () =>
  next.expects(
    { description: 'a card by version 2', state: 'user registered', reads: READ },
    (event) => {
      const cards = openCards(':memory:')
      cards.apply(event)
      expect(cards.find(event.userId)).toMatchObject({ name: event.data.displayName })
    },
  ))

test('Social removes the card of a deleted user by version 2 as well', () =>
  next.expects(
    { description: 'no card by version 2', state: 'user deleted', reads: READ },
    (event, _message, alter) => {
      const cards = openCards(':memory:')
      cards.apply(alter({ action: 'updated', data: { isActive: true } }))
      cards.apply(event)
      expect(cards.list()).toEqual([])
    },
  ))
