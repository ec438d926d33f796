import { beforeAll, describe, expect, test } from 'bun:test'
import {
  NOON,
  noonPlus,
  registeredUser,
  storedSession,
  storedUser,
  uniqueName,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

const DAY = 86_400

/** What every adapter of housekeeping has to do. */
export const maintenanceContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`housekeeping of ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })

    test('sessions that ended over a day ago are removed, and counted', async () => {
      const user = await storedUser(subject)
      const [ended, living] = [
        await storedSession(subject, user),
        await storedSession(subject, user),
      ]
      await subject.stores.sessions.end(ended.id, user.id, NOON)
      expect(await subject.maintenance.removeDeadSessions(noonPlus(DAY))).toBe(0)
      expect(await subject.stores.sessions.find(ended.id)).not.toBeNull()
      expect(await subject.maintenance.removeDeadSessions(noonPlus(DAY + 1))).toBe(1)
      expect(await subject.stores.sessions.find(ended.id)).toBeNull()
      expect(await subject.stores.sessions.find(living.id)).toEqual(living)
      expect(await subject.maintenance.removeDeadSessions(noonPlus(DAY + 1))).toBe(0)
    })

    test('sessions that expired over a day ago are removed', async () => {
      const user = await storedUser(subject)
      const session = await storedSession(subject, user)
      const isThere = async () => (await subject.stores.sessions.find(session.id)) !== null
      await subject.maintenance.removeDeadSessions(noonPlus(15 * DAY))
      expect(await isThere()).toBe(true)
      await subject.maintenance.removeDeadSessions(noonPlus(15 * DAY + 1))
      expect(await isThere()).toBe(false)
    })

    test('idempotency keys older than 24 hours are removed, completed or not', async () => {
      const { idempotencyKeys } = subject.stores
      const [done, lost, young] = [0, 0, 0].map(() => ({ keyMac: uniqueName(), bodyMac: 'b' }))
      if (!done || !lost || !young) throw new Error('three requests')
      await idempotencyKeys.claim(done, NOON)
      await registeredUser(subject, { request: done })
      await idempotencyKeys.claim(lost, NOON)
      await idempotencyKeys.claim(young, noonPlus(60))
      await subject.maintenance.removeIdempotencyKeys(noonPlus(DAY))
      expect((await idempotencyKeys.claim(done, NOON)).kind).toBe('completed')
      expect(await subject.maintenance.removeIdempotencyKeys(noonPlus(DAY + 1))).toBeGreaterThan(1)
      expect((await idempotencyKeys.claim(done, NOON)).kind).toBe('claimed')
      expect((await idempotencyKeys.claim(young, noonPlus(61))).kind).toBe('running')
    })

    test('keeping partitions is repeatable and loses no change', async () => {
      const user = await storedUser(subject)
      const calls = [0, 1, 2].map(() => subject.maintenance.keepPartitions(new Date()))
      await Promise.all(calls)
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 10 })
      expect(page?.entries).toHaveLength(1)
    })
  })
