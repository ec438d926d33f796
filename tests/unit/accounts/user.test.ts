import { describe, expect, test } from 'bun:test'
import { isAtLeast, ROLES } from '../../../src/domain/accounts/role.ts'
import type { PublishedState } from '../../../src/domain/accounts/user.ts'
import {
  changedFields,
  isLastAdmin,
  publishedState,
  registeredState,
} from '../../../src/domain/accounts/user.ts'
import {
  givenAvatar,
  givenDisplayName,
  givenEmail,
  givenUser,
  givenUsername,
} from '../../support/builders/accounts/given-users.ts'

const before = publishedState(givenUser())

const otherValues: PublishedState = {
  email: givenEmail('jane@example.com'),
  emailVerified: true,
  username: givenUsername('jane'),
  displayName: null,
  avatar: givenAvatar(),
  role: 'admin',
  isActive: false,
}

describe('a user', () => {
  test('who has just registered is an active, unverified user without a picture [RG10]', () => {
    expect(registeredState(givenEmail(), givenUsername(), null)).toEqual({
      email: givenEmail(),
      emailVerified: false,
      username: givenUsername(),
      displayName: null,
      avatar: null,
      role: 'user',
      isActive: true,
    })
  })

  test('publishes exactly seven fields, none of them secret', () => {
    const stored = { ...givenUser(), passwordHash: 'secret', salt: 'secret' }
    expect(Object.keys(publishedState(stored))).toEqual([
      'email',
      'emailVerified',
      'username',
      'displayName',
      'avatar',
      'role',
      'isActive',
    ])
  })

  test.each(Object.keys(before))('whose %s differs has changed in that field only', (field) => {
    const key = Object.keys(before).find((name): name is keyof PublishedState => name === field)
    const after = { ...before, ...(key && { [key]: otherValues[key] }) }
    expect<string[]>(changedFields(before, after)).toEqual([field])
  })

  test('has no changed field compared with the same state', () => {
    expect(changedFields(before, { ...before })).toEqual([])
    expect(changedFields(before, { ...before, displayName: givenDisplayName() })).toEqual([])
  })

  test('lists changed fields in the order of the published state', () => {
    expect(changedFields(before, otherValues)).toEqual([
      'email',
      'emailVerified',
      'username',
      'displayName',
      'avatar',
      'role',
      'isActive',
    ])
  })

  test('is the last administrator when it is active and there is no other one [AZ4]', () => {
    const admin = givenUser({ role: 'admin' })
    expect(isLastAdmin(admin, 1)).toBe(true)
    expect(isLastAdmin(admin, 2)).toBe(false)
    expect(isLastAdmin({ ...admin, isActive: false }, 1)).toBe(false)
    expect(isLastAdmin(givenUser({ role: 'moderator' }), 1)).toBe(false)
  })
})

describe('a role', () => {
  test('has the rights of the roles below it, and none of those above', () => {
    const table = ROLES.map((role) => ROLES.map((needed) => isAtLeast(role, needed)))
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
  })
})
