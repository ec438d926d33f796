import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Email } from '../../../src/domain/accounts/email.ts'
import type { User } from '../../../src/domain/accounts/user.ts'
import type { EmailProof } from '../../../src/domain/oauth/external-identity.ts'
import { arrivalOf, isLastWayIn } from '../../../src/domain/oauth/external-identity.ts'
import { newcomer } from '../../support/builders/given-provider.ts'
import { stateOf, uniqueUserId } from '../../support/builders/stored-users.ts'

const EMAIL = 'ada@gmail.com' as Email
const PROOFS: readonly EmailProof[] = ['none', 'verified', 'authoritative']

const userOf = (emailVerified: boolean): User => ({
  ...stateOf({ email: EMAIL, emailVerified }),
  ...{ id: uniqueUserId(), version: 1, createdAt: new Date(0), updatedAt: new Date(0) },
})

const NOBODY = { owner: null, namesake: null, namesakeIsTaken: false }

describe('an arrival', () => {
  test('belongs to whoever has the identity, whatever it says about addresses', () => {
    const owner = userOf(true)
    const namesake = userOf(true)
    for (const emailProof of PROOFS)
      expect(
        arrivalOf(newcomer({ email: EMAIL, emailProof }), { ...NOBODY, owner, namesake }),
      ).toEqual({ kind: 'known', user: owner })
  })

  test('joins an account by an address only when both sides have verified it [OA19, OA20, OA21]', () => {
    const cases = fc.record({
      emailProof: fc.constantFrom(...PROOFS),
      isVerified: fc.boolean(),
      namesakeIsTaken: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ emailProof, isVerified, namesakeIsTaken }) => {
        const namesake = userOf(isVerified)
        const arrival = arrivalOf(newcomer({ email: EMAIL, emailProof }), {
          ...{ owner: null, namesake, namesakeIsTaken },
        })
        const mayJoin = emailProof === 'authoritative' && isVerified && !namesakeIsTaken
        expect(arrival.kind === 'joins').toBe(mayJoin)
        if (emailProof === 'none')
          expect(arrival).toEqual({ kind: 'new', email: null, emailVerified: false })
        else expect(arrival.kind).not.toBe('new')
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
      expect(arrivalOf(newcomer({ email: EMAIL, emailProof }), NOBODY)).toEqual({
        ...{ kind: 'new', email: EMAIL, emailVerified },
      })
    },
  )

  test('without an address is a new account without one [OA18]', () => {
    expect(arrivalOf(newcomer(), NOBODY)).toEqual({
      kind: 'new',
      email: null,
      emailVerified: false,
    })
  })
})

test('the last way in is the only identity of somebody without a password [OA22]', () => {
  expect([isLastWayIn(1, false), isLastWayIn(1, true), isLastWayIn(2, false)]).toEqual([
    ...[true, false, false],
  ])
})
