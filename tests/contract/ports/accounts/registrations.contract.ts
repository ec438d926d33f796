import { beforeAll, describe, expect, test } from 'bun:test'
import type { NewRegistration } from '../../../../src/ports/driven/accounts/registrations.ts'
import {
  formsOf,
  HOME,
  NOON,
  registeredUser,
  registrationOf,
  stateOf,
  storedUser,
  uniqueName,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST_PAGE } from '../../../support/builders/sessions/given-sessions.ts'

/** What every adapter of `Registrations` promises. */
export const registrationsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`registrations in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const ledgerOf = async ({ session }: NewRegistration) => {
      const { userId } = session
      const page = await subject.ledger.read({ after: null, userId, limit: 10 })
      return (page?.entries ?? []).map(({ event }) => event)
    }
    const expectNothingOf = async (registration: NewRegistration) => {
      const { userId } = registration.session
      expect(await subject.stores.users.find(userId)).toBeNull()
      expect(await subject.stores.credentials.passwordHash(userId)).toBeNull()
      expect(await subject.stores.sessions.ofUser(userId, NOON, FIRST_PAGE)).toEqual([])
      expect(await subject.auditOf(userId)).toEqual([])
      expect(await ledgerOf(registration)).toEqual([])
    }

    test('store the user, the password hash, the address, the session and the audit entry', async () => {
      const registration = registrationOf({ passwordHash: 'of the password' })
      const { session, entry } = registration
      const user = await registeredUser(subject, registration)
      expect(user).toMatchObject({ ...registration.state, id: session.userId, version: 1 })
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await subject.stores.sessions.find(session.id)).toEqual(session)
      const { canonical } = formsOf(user.username)
      const identifier = { kind: 'username', canonical } as const
      expect(await subject.stores.credentials.forSignIn(identifier, HOME, NOON)).toEqual({
        user,
        passwordHash: 'of the password',
        consecutiveFailures: 0,
        knownPrefix: true,
      })
      expect(await subject.auditOf(user.id)).toMatchObject([
        {
          ...entry,
          sessionId: session.id,
          identifierMac: null,
          details: null,
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      ])
    })

    test('announce the user once, and report the commit', async () => {
      const registration = registrationOf()
      const before = subject.committed.length
      await registeredUser(subject, registration)
      expect(subject.committed.length).toBe(before + 1)
      const { eventId } = registration.announcement
      expect(await ledgerOf(registration)).toMatchObject([
        { eventId, action: 'created', version: 1 },
      ])
    })

    test('complete the idempotent request', async () => {
      const { idempotencyKeys } = subject.stores
      const request = { keyMac: uniqueName(), bodyMac: 'body' }
      await idempotencyKeys.claim(request, NOON)
      const { id } = await registeredUser(subject, { request })
      expect(await idempotencyKeys.claim(request, NOON)).toEqual({
        kind: 'completed',
        bodyMac: 'body',
        userId: id,
      })
    })

    test('with a taken name store nothing, and the request stays claimed', async () => {
      const taken = await storedUser(subject)
      const { idempotencyKeys } = subject.stores
      const request = { keyMac: uniqueName(), bodyMac: 'body' }
      await idempotencyKeys.claim(request, NOON)
      const before = subject.committed.length
      const conflicts = [
        [registrationOf({ request, state: stateOf({ email: taken.email }) }), 'email-taken'],
        [registrationOf({ request, forms: formsOf(taken.username) }), 'username-taken'],
        [
          registrationOf({
            request,
            forms: { ...formsOf(uniqueName()), skeleton: formsOf(taken.username).skeleton },
          }),
          'username-confusable',
        ],
      ] as const
      for (const [registration, kind] of conflicts) {
        const outcome = await subject.stores.registrations.register(registration)
        expect(outcome).toEqual({ ok: false, refusal: { kind } })
        await expectNothingOf(registration)
      }
      expect(subject.committed.length).toBe(before)
      expect((await idempotencyKeys.claim(request, NOON)).kind).toBe('running')
    })

    test('of one email, sent 20 times at once, make one user [RG4]', async () => {
      const { email } = stateOf()
      const registrations = Array.from({ length: 20 }, () =>
        registrationOf({ state: stateOf({ email }) }),
      )
      const outcomes = await Promise.all(
        registrations.map((registration) => subject.stores.registrations.register(registration)),
      )
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
      for (const [index, { ok }] of outcomes.entries()) {
        const registration = registrations[index]
        if (!ok && registration !== undefined) await expectNothingOf(registration)
      }
    })
  })
