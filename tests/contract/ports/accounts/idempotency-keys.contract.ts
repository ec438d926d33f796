import { beforeAll, describe, expect, test } from 'bun:test'
import {
  announcement,
  NOON,
  noonPlus,
  registeredUser,
  uniqueName,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'

const DAY = 86_400

/** What every adapter of `IdempotencyKeys` promises. */
export const idempotencyKeysContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`idempotency keys in ${name}`, () => {
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

    test('a claim that is not completed expires after 60 seconds', async () => {
      const once = request()
      await keys().claim(once, NOON)
      expect(await keys().claim(once, noonPlus(59))).toEqual({ kind: 'running' })
      expect(await keys().claim(once, noonPlus(60))).toEqual({ kind: 'claimed' })
      expect(await keys().claim(once, noonPlus(61))).toEqual({ kind: 'running' })
    })

    test('the key of a released claim can be claimed for another body', async () => {
      const once = request()
      await keys().claim(once, NOON)
      await keys().release(once)
      expect(await keys().claim({ ...once, bodyMac: 'other' }, NOON)).toEqual({ kind: 'claimed' })
    })

    test('a completed request cannot be released', async () => {
      const once = request()
      await keys().claim(once, NOON)
      await registeredUser(subject, { request: once })
      await keys().release(once)
      expect((await keys().claim(once, NOON)).kind).toBe('completed')
    })

    test('a request that lost its key to another body neither completes nor releases it', async () => {
      const late = request('late')
      await keys().claim(late, NOON)
      await keys().claim({ ...late, bodyMac: 'new' }, noonPlus(60))
      await registeredUser(subject, { request: late })
      await keys().release(late)
      expect(await keys().claim(late, noonPlus(62))).toEqual({ kind: 'running' })
    })

    test('two keys do not affect each other', async () => {
      await keys().claim(request(), NOON)
      expect(await keys().claim(request(), NOON)).toEqual({ kind: 'claimed' })
    })

    test('a key is deleted with the user that it registered', async () => {
      const once = request()
      await keys().claim(once, NOON)
      const user = await registeredUser(subject, { request: once })
      await subject.stores.users.remove(user, announcement())
      expect(await keys().claim(once, NOON)).toEqual({ kind: 'claimed' })
    })
  })
