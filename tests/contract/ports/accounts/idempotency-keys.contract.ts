import { beforeAll, describe, expect, test } from 'bun:test'
import type { StoresUnderTest } from '../../../support/builders/given-stores.ts'
import {
  announcement,
  NOON,
  noonPlus,
  registeredUser,
  uniqueName,
} from '../../../support/builders/stored-users.ts'

const DAY = 86_400

/** What every adapter of idempotency keys owes. */
export const idempotencyKeysContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`idempotency keys kept in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const keys = () => subject.stores.idempotencyKeys
    const request = (bodyMac = 'body') => ({ keyMac: uniqueName(), bodyMac })

    test('of 20 parallel claims of one key exactly one is the first [RG11]', async () => {
      const once = request()
      const claims = await Promise.all(Array.from({ length: 20 }, () => keys().claim(once, NOON)))
      const kinds = claims.map(({ kind }) => kind).toSorted()
      expect(kinds).toEqual(['claimed', ...Array(19).fill('running')])
    })

    test('a completed request is answered with its user and body for 24 hours [RG11]', async () => {
      const once = request('first body')
      await keys().claim(once, NOON)
      const user = await registeredUser(subject, { request: once })
      const known = { kind: 'completed', bodyMac: 'first body', userId: user.id } as const
      const again = { ...once, bodyMac: 'second body' }
      expect(await keys().claim(again, noonPlus(DAY - 1))).toEqual(known)
      expect(await keys().claim(again, noonPlus(DAY))).toEqual({ kind: 'claimed' })
      expect(await keys().claim(again, noonPlus(DAY))).toEqual({ kind: 'running' })
    })

    test('a claim that was never completed lapses after a minute', async () => {
      const once = request()
      await keys().claim(once, NOON)
      expect(await keys().claim(once, noonPlus(59))).toEqual({ kind: 'running' })
      expect(await keys().claim(once, noonPlus(60))).toEqual({ kind: 'claimed' })
      expect(await keys().claim(once, noonPlus(61))).toEqual({ kind: 'running' })
    })

    test('a claim that was given back is free for another body', async () => {
      const once = request()
      await keys().claim(once, NOON)
      await keys().release(once)
      expect(await keys().claim({ ...once, bodyMac: 'other' }, NOON)).toEqual({ kind: 'claimed' })
    })

    test('a completed request cannot be given back', async () => {
      const once = request()
      await keys().claim(once, NOON)
      await registeredUser(subject, { request: once })
      await keys().release(once)
      expect((await keys().claim(once, NOON)).kind).toBe('completed')
    })

    test('who lost a key to another body neither completes nor frees it', async () => {
      const late = request('late')
      await keys().claim(late, NOON)
      await keys().claim({ ...late, bodyMac: 'new' }, noonPlus(60))
      await registeredUser(subject, { request: late })
      await keys().release(late)
      expect(await keys().claim(late, noonPlus(62))).toEqual({ kind: 'running' })
    })

    test('two keys do not meet', async () => {
      await keys().claim(request(), NOON)
      expect(await keys().claim(request(), NOON)).toEqual({ kind: 'claimed' })
    })

    test('a key goes with the user that it made', async () => {
      const once = request()
      await keys().claim(once, NOON)
      const user = await registeredUser(subject, { request: once })
      await subject.stores.users.remove(user, announcement())
      expect(await keys().claim(once, NOON)).toEqual({ kind: 'claimed' })
    })
  })
