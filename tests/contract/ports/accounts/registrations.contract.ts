import { beforeAll, describe, expect, test } from 'bun:test'
import type { Enrolment } from '../../../../src/ports/driven/accounts/registrations.ts'
import type { StoresUnderTest } from '../../../support/builders/given-stores.ts'
import {
  enrolledUser,
  enrolmentOf,
  formsOf,
  HOME,
  NOON,
  stateOf,
  storedUser,
  uniqueName,
} from '../../../support/builders/stored-users.ts'

/** What every adapter of enrolments owes. */
export const enrolmentsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`enrolments in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const ledgerOf = async ({ session }: Enrolment) => {
      const { userId } = session
      const page = await subject.ledger.read({ after: null, userId, limit: 10 })
      return (page?.entries ?? []).map(({ event }) => event)
    }
    const expectNothingOf = async (enrolment: Enrolment) => {
      const { userId } = enrolment.session
      expect(await subject.stores.users.find(userId)).toBeNull()
      expect(await subject.stores.credentials.passwordHash(userId)).toBeNull()
      expect(await subject.stores.sessions.ofUser(userId, NOON)).toEqual([])
      expect(await subject.auditOf(userId)).toEqual([])
      expect(await ledgerOf(enrolment)).toEqual([])
    }

    test('store the user, the password, the address, the session and the record', async () => {
      const enrolment = enrolmentOf({ passwordHash: 'of the password' })
      const { session, entry } = enrolment
      const user = await enrolledUser(subject, enrolment)
      expect(user).toMatchObject({ ...enrolment.state, id: session.userId, version: 1 })
      expect(await subject.stores.users.find(user.id)).toEqual(user)
      expect(await subject.stores.sessions.find(session.id)).toEqual(session)
      const { canonical } = formsOf(user.username)
      const identifier = { kind: 'username', canonical } as const
      expect(await subject.stores.credentials.forSignIn(identifier, HOME, NOON)).toEqual({
        ...{ user, passwordHash: 'of the password', consecutiveFailures: 0, knownPrefix: true },
      })
      expect(await subject.auditOf(user.id)).toMatchObject([
        {
          ...entry,
          ...{ sessionId: session.id, identifierMac: null, details: null },
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      ])
    })

    test('announce the user once, and report the commit', async () => {
      const enrolment = enrolmentOf()
      const before = subject.commits()
      await enrolledUser(subject, enrolment)
      expect(subject.commits()).toBe(before + 1)
      const { eventId } = enrolment.announcement
      expect(await ledgerOf(enrolment)).toMatchObject([{ eventId, action: 'created', version: 1 }])
    })

    test('complete the request that they were claimed for', async () => {
      const { idempotencyKeys } = subject.stores
      const request = { keyMac: uniqueName(), bodyMac: 'body' }
      await idempotencyKeys.claim(request, NOON)
      const { id } = await enrolledUser(subject, { request })
      expect(await idempotencyKeys.claim(request, NOON)).toEqual({
        ...{ kind: 'completed', bodyMac: 'body', userId: id },
      })
    })

    test('with a taken name do nothing at all, and the request stays claimed', async () => {
      const taken = await storedUser(subject)
      const { idempotencyKeys } = subject.stores
      const request = { keyMac: uniqueName(), bodyMac: 'body' }
      await idempotencyKeys.claim(request, NOON)
      const before = subject.commits()
      const conflicts = [
        [enrolmentOf({ request, state: stateOf({ email: taken.email }) }), 'email-taken'],
        [enrolmentOf({ request, forms: formsOf(taken.username) }), 'username-taken'],
        [
          enrolmentOf({
            request,
            forms: { ...formsOf(uniqueName()), skeleton: formsOf(taken.username).skeleton },
          }),
          'username-confusable',
        ],
      ] as const
      for (const [enrolment, kind] of conflicts) {
        const outcome = await subject.stores.enrolments.enrol(enrolment)
        expect(outcome).toEqual({ ok: false, refusal: { kind } })
        await expectNothingOf(enrolment)
      }
      expect(subject.commits()).toBe(before)
      expect((await idempotencyKeys.claim(request, NOON)).kind).toBe('running')
    })

    test('of one email, sent 20 times at once, make one user [RG4]', async () => {
      const { email } = stateOf()
      const enrolments = Array.from({ length: 20 }, () =>
        enrolmentOf({ state: stateOf({ email }) }),
      )
      const outcomes = await Promise.all(
        enrolments.map((enrolment) => subject.stores.enrolments.enrol(enrolment)),
      )
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
      for (const [index, { ok }] of outcomes.entries()) {
        const enrolment = enrolments[index]
        if (!ok && enrolment !== undefined) await expectNothingOf(enrolment)
      }
    })
  })
