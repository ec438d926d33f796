import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Email } from '../../../src/domain/accounts/email.ts'
import type { User } from '../../../src/domain/accounts/user.ts'
import type { EmailProof } from '../../../src/domain/oauth/external-identity.ts'
import { isLastSignInMethod, matchIdentity } from '../../../src/domain/oauth/external-identity.ts'
import { stateOf, uniqueUserId } from '../../support/builders/accounts/stored-users.ts'
import { newcomer } from '../../support/builders/oauth/given-sign-ins.ts'

const EMAIL = 'ada@gmail.com' as Email
const PROOFS: readonly EmailProof[] = ['none', 'verified', 'authoritative']

const userOf = (emailVerified: boolean): User => ({
  ...stateOf({ email: EMAIL, emailVerified }),
  id: uniqueUserId(),
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
})

const NOBODY = { owner: null, emailOwner: null, emailOwnerHasAnother: false }

describe('an external identity', () => {
  test('belongs to the user who has the identity, whatever its address is', () => {
    const owner = userOf(true)
    const emailOwner = userOf(true)
    for (const emailProof of PROOFS)
      expect(
        matchIdentity(newcomer({ email: EMAIL, emailProof }), { ...NOBODY, owner, emailOwner }),
      ).toEqual({ kind: 'known', user: owner })
  })

  test('joins an account by an address only when both sides have verified it [OA19, OA20, OA21]', () => {
    const cases = fc.record({
      emailProof: fc.constantFrom(...PROOFS),
      isVerified: fc.boolean(),
      emailOwnerHasAnother: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ emailProof, isVerified, emailOwnerHasAnother }) => {
        const emailOwner = userOf(isVerified)
        const match = matchIdentity(newcomer({ email: EMAIL, emailProof }), {
          owner: null,
          emailOwner,
          emailOwnerHasAnother,
        })
        const mayJoin = emailProof === 'authoritative' && isVerified && !emailOwnerHasAnother
        expect(match.kind === 'joins').toBe(mayJoin)
        if (emailProof === 'none')
          expect(match).toEqual({ kind: 'new', email: null, emailVerified: false })
        else expect(match.kind).not.toBe('new')
      }),
    )
  })

  test.each([
    ['none', false],
    ['verified', false],
    ['authoritative', true],
  ] as const)(
    'with a free address and the proof %s is a new account, verified: %p [OA20, OA21]',
    (emailProof, emailVerified) => {
      expect(matchIdentity(newcomer({ email: EMAIL, emailProof }), NOBODY)).toEqual({
        kind: 'new',
        email: EMAIL,
        emailVerified,
      })
    },
  )

  test('without an address is a new account without one [OA18]', () => {
    expect(matchIdentity(newcomer(), NOBODY)).toEqual({
      kind: 'new',
      email: null,
      emailVerified: false,
    })
  })
})

test('the last sign-in method is the only identity of somebody without a password [OA22]', () => {
  expect([
    isLastSignInMethod(1, false),
    isLastSignInMethod(1, true),
    isLastSignInMethod(2, false),
  ]).toEqual([...[true, false, false]])
})
