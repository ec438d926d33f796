import { beforeAll, describe, expect, test } from 'bun:test'
import { ownAccountEntry } from '../../../../src/application/audit/audit-entries.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { Session } from '../../../../src/domain/sessions/session.ts'
import { rotated } from '../../../../src/domain/sessions/session.ts'
import type { SessionId } from '../../../../src/domain/shared/ids.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import {
  announcement,
  NOON,
  noonPlus,
  sessionOf,
  storedSession,
  storedUser,
  uniqueSessionId,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST_PAGE, LIFETIMES } from '../../../support/builders/sessions/given-sessions.ts'

const DAY = 86_400

type Stores = StoresUnderTest['stores']

/** The seconds at which listed sessions began, each page read after the one before. No page has more than one. */
export const listedOneByOne = async (stores: Stores): Promise<readonly number[]> => {
  const user = await storedUser({ stores })
  for (const seconds of [0, 10, 10, 10, 20]) await storedSession({ stores }, user, seconds)
  const listed = new Map<string, number>()
  let after: Session | null = null
  for (let page = 0; page < 9; page += 1) {
    const found: Session[] = await stores.sessions.ofUser(user.id, noonPlus(40), {
      after,
      limit: 1,
    })
    after = found.at(-1) ?? after
    if (found.length > 1) throw new Error('a page has more sessions than it may')
    for (const { id, createdAt } of found)
      listed.set(id, (createdAt.getTime() - NOON.getTime()) / 1000)
  }
  return [...listed.values()]
}

const surplusOf = (user: User, opened: Session, keep: number, atOnce = 500) => ({
  opened: opened.id,
  keep,
  atOnce,
  entry: ownAccountEntry('session.ended', user.id, { addressPrefix: null, at: NOON }),
})

/** Which of four sessions end when two may stay, and which of them have an entry. */
export const endingTwoOfFour = async ({
  stores,
  auditOf,
}: Pick<StoresUnderTest, 'stores' | 'auditOf'>) => {
  const { sessions } = stores
  const user = await storedUser({ stores })
  const [oldest, older, used, opened] = [
    await storedSession({ stores }, user, 0),
    await storedSession({ stores }, user, 1),
    await storedSession({ stores }, user, -1),
    await storedSession({ stores }, user, -9),
  ]
  await sessions.rotate(used.id, 1, LIFETIMES, noonPlus(30))
  const names = new Map(
    Object.entries({ oldest, older, used, opened }).map(([name, { id }]) => [id, name]),
  )
  const endSurplus = () => sessions.endSurplus(user.id, surplusOf(user, opened, 2), noonPlus(31))
  const ended = await endSurplus()
  const live = await sessions.ofUser(user.id, noonPlus(40), FIRST_PAGE)
  const entries = await auditOf(user.id)
  return {
    user,
    endSurplus,
    ended,
    live: live.map(({ id }) => names.get(id)),
    audited: entries
      .map(({ action, sessionId }) => `${action} ${names.get(sessionId as SessionId)}`)
      .toSorted(),
  }
}

export const THE_OLDEST_TWO_END = {
  ended: 2,
  live: ['used', 'opened'],
  audited: ['session.ended older', 'session.ended oldest'],
}

/** What every adapter of `Sessions` promises. */
export const sessionsContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`sessions in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const sessions = () => subject.stores.sessions
    const given = async () => {
      const user = await storedUser(subject)
      return { user, session: await storedSession(subject, user) }
    }

    test('an unknown session is null', async () => {
      expect(await sessions().find(uniqueSessionId())).toBeNull()
      expect(await subject.readSessionState(uniqueSessionId())).toBeNull()
    })

    test('several states that are read at once are each that of its session, twice for one, null for an unknown', async () => {
      const owners = await Promise.all(Array.from({ length: 3 }, given))
      const ids = [...owners, ...owners].map(({ session }) => session.id)
      const unknown = uniqueSessionId()
      const read = await Promise.all(
        [...ids, unknown, unknown].map((id) => subject.readSessionState(id)),
      )
      expect(read).toEqual([...owners, ...owners, null, null])
    })

    test('a state that cannot be read rejects no other that is read at the same time', async () => {
      const owners = await Promise.all(Array.from({ length: 3 }, given))
      const [first, ...others] = owners.map(({ session }) => session.id)
      const ids = [first, 'no uuid' as SessionId, ...others]
      const read = await Promise.allSettled(
        ids.map((id) => subject.readSessionState(id ?? uniqueSessionId())),
      )
      expect(read.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ])
      expect(read[3]).toEqual({ status: 'fulfilled', value: owners[2] ?? null })
    })

    test('one code begins one session, however often it is presented, in parallel or later [OA6]', async () => {
      const user = await storedUser(subject)
      const digest = `digest of ${user.id}`
      const begin = () => sessions().startFromCode(sessionOf(user), digest)
      const begun = await Promise.all(Array.from({ length: 10 }, begin))
      expect(begun.filter((isBegun) => isBegun)).toHaveLength(1)
      expect(await begin()).toBe(false)
      expect(await sessions().ofUser(user.id, NOON, FIRST_PAGE)).toHaveLength(1)
      expect(await sessions().startFromCode(sessionOf(user), `another ${digest}`)).toBe(true)
    })

    test('a session that was started from a code is found as it was started', async () => {
      const session = sessionOf(await storedUser(subject))
      await sessions().startFromCode(session, `digest of ${session.id}`)
      expect(await sessions().find(session.id)).toEqual(session)
    })

    test('a session is found as it was started', async () => {
      const { session } = await given()
      expect(await sessions().find(session.id)).toEqual(session)
    })

    test('a session without user agent and address is found as it was started', async () => {
      const user = await storedUser(subject)
      const session = { ...sessionOf(user), userAgent: null, addressPrefix: null }
      await sessions().start(session)
      expect(await sessions().find(session.id)).toEqual(session)
    })

    test('a session of an unknown user cannot be started', async () => {
      const orphan = { ...sessionOf(await storedUser(subject)), userId: uniqueUserId() }
      const started = sessions().start(orphan)
      expect(await started.catch((fault: Error) => fault.message)).toContain('23503')
    })

    test('a rotation stores what the domain decided [SE1]', async () => {
      const { session } = await given()
      const now = noonPlus(600)
      const next = await sessions().rotate(session.id, 1, LIFETIMES, now)
      expect(next).toEqual(rotated(session, LIFETIMES, now))
      expect(await sessions().find(session.id)).toEqual(next)
    })

    test('rotations are kept newest first, as far back as the grace period [SE4]', async () => {
      const { session } = await given()
      let expected = session
      for (const [index, seconds] of [1, 4, 9, 11, 14, 15, 30].entries()) {
        const now = noonPlus(seconds)
        expected = rotated(expected, LIFETIMES, now)
        const next = await sessions().rotate(session.id, index + 1, LIFETIMES, now)
        expect(next).toEqual(expected)
      }
      expect(expected.rotations).toEqual([noonPlus(30)])
    })

    test('rotations keep their order when one has a timestamp of a slow clock [SE4]', async () => {
      let { session: expected } = await given()
      for (const seconds of [103, 101, 112]) {
        const now = noonPlus(seconds)
        const next = await sessions().rotate(expected.id, expected.generation, LIFETIMES, now)
        expected = rotated(expected, LIFETIMES, now)
        expect(next).toEqual(expected)
      }
      expect(expected.rotations).toEqual([112, 101, 103].map(noonPlus))
    })

    test('of 20 parallel rotations of one generation exactly one succeeds [SE3]', async () => {
      const { session } = await given()
      const rotations = await Promise.all(
        Array.from({ length: 20 }, () => sessions().rotate(session.id, 1, LIFETIMES, noonPlus(60))),
      )
      expect(rotations.filter((next) => next !== null)).toHaveLength(1)
      expect((await sessions().find(session.id))?.generation).toBe(2)
    })

    test('a generation that is not the current one does not rotate', async () => {
      const { session } = await given()
      for (const generation of [0, 2, -1])
        expect(await sessions().rotate(session.id, generation, LIFETIMES, noonPlus(1))).toBeNull()
      expect(await sessions().find(session.id)).toEqual(session)
    })

    test('an unknown session does not rotate', async () => {
      expect(await sessions().rotate(uniqueSessionId(), 1, LIFETIMES, NOON)).toBeNull()
    })

    test('an idle session does not rotate from its idle end on [SE5]', async () => {
      const { session } = await given()
      const rotateAt = (seconds: number) =>
        sessions().rotate(session.id, 1, LIFETIMES, noonPlus(seconds))
      expect(await rotateAt(14 * DAY)).toBeNull()
      expect(await rotateAt(14 * DAY - 1)).not.toBeNull()
    })

    test('rotation never moves the absolute end, and moves the idle end at most to it [SE5]', async () => {
      const { session } = await given()
      await sessions().rotate(session.id, 1, LIFETIMES, noonPlus(13 * DAY))
      const late = await sessions().rotate(session.id, 2, LIFETIMES, noonPlus(26 * DAY))
      expect(late?.absoluteExpiresAt).toEqual(session.absoluteExpiresAt)
      expect(late?.idleExpiresAt).toEqual(session.absoluteExpiresAt)
      expect(await sessions().rotate(session.id, 3, LIFETIMES, noonPlus(30 * DAY))).toBeNull()
    })

    test('the session of an inactive user does not rotate [SE8]', async () => {
      const { user, session } = await given()
      await updatedUser(subject, user, { isActive: false })
      expect(await sessions().rotate(session.id, 1, LIFETIMES, noonPlus(1))).toBeNull()
    })

    test('the end of all sessions revokes what was granted before, the end of one does not [SE14]', async () => {
      const { user, session } = await given()
      const number = () => subject.stores.credentials.revocations(user.id)
      await sessions().end(session.id, user.id, noonPlus(1))
      expect(await number()).toBe(0)
      await sessions().endAll(user.id, session.id, noonPlus(1))
      await sessions().endAll(user.id, null, noonPlus(1))
      expect(await number()).toBe(2)
    })

    test('a lock holds a live session of its user only [PW12]', async () => {
      const { user, session } = await given()
      const lockAt = (seconds: number, id = session.id, owner = user.id) =>
        sessions().lock(id, owner, noonPlus(seconds))
      expect(await lockAt(1)).toBe(true)
      expect(await lockAt(14 * DAY)).toBe(false)
      expect(await lockAt(1, session.id, uniqueUserId())).toBe(false)
      expect(await lockAt(1, uniqueSessionId())).toBe(false)
      await sessions().end(session.id, user.id, noonPlus(1))
      expect(await lockAt(2)).toBe(false)
    })

    test('a locked session is ended by others after the transaction only [PW12]', async () => {
      const { user, session } = await given()
      const order: string[] = []
      const locked = await subject.transact(async (stores) => {
        const isLive = await stores.sessions.lock(session.id, user.id, noonPlus(1))
        const ended = sessions().endAll(user.id, null, noonPlus(1))
        const noted = ended.then(() => order.push('ended'))
        for (let read = 0; read < 20; read += 1) await stores.sessions.find(session.id)
        order.push('written')
        return ok({ isLive, noted })
      })
      expect(locked.ok && locked.value.isLive).toBe(true)
      if (locked.ok) await locked.value.noted
      expect(order).toEqual(['written', 'ended'])
    })

    test('an ended session neither rotates nor comes back to life [SE10]', async () => {
      const { user, session } = await given()
      await sessions().end(session.id, user.id, noonPlus(1))
      const ended = await sessions().find(session.id)
      expect(ended).toEqual({ ...session, endedAt: noonPlus(1) })
      expect(await sessions().rotate(session.id, 1, LIFETIMES, noonPlus(2))).toBeNull()
      await sessions().reauthenticated(session.id, noonPlus(2))
      await sessions().end(session.id, user.id, noonPlus(3))
      await sessions().endAll(user.id, null, noonPlus(3))
      expect(await sessions().find(session.id)).toEqual(ended)
    })

    test('when a session is ended twice, the first end counts [SE6]', async () => {
      const { user, session } = await given()
      const end = () => sessions().end(session.id, user.id, noonPlus(1))
      expect((await Promise.all([end(), end(), end()])).filter(Boolean)).toHaveLength(1)
    })

    test('an expired session cannot be ended', async () => {
      const { user, session } = await given()
      expect(await sessions().end(session.id, user.id, noonPlus(14 * DAY))).toBe(false)
    })

    test('nobody ends the session of somebody else [SE7]', async () => {
      const { session } = await given()
      const stranger = await storedUser(subject)
      expect(await sessions().end(session.id, stranger.id, noonPlus(1))).toBe(false)
      expect(await sessions().find(session.id)).toEqual(session)
    })

    test('ending all sessions ends all except the named one [SE7]', async () => {
      const { user, session } = await given()
      const [kept, bystander] = [await storedSession(subject, user), (await given()).session]
      await sessions().endAll(user.id, kept.id, noonPlus(5))
      expect((await sessions().find(session.id))?.endedAt).toEqual(noonPlus(5))
      expect(await sessions().find(kept.id)).toEqual(kept)
      expect(await sessions().find(bystander.id)).toEqual(bystander)
      await sessions().endAll(user.id, null, noonPlus(6))
      expect((await sessions().find(kept.id))?.endedAt).toEqual(noonPlus(6))
      expect((await sessions().find(session.id))?.endedAt).toEqual(noonPlus(5))
    })

    test('a confirmed password changes only the instant of the authentication', async () => {
      const { session } = await given()
      await sessions().reauthenticated(session.id, noonPlus(900))
      const proved = { ...session, authenticatedAt: noonPlus(900) }
      expect(await sessions().find(session.id)).toEqual(proved)
    })

    test('the live sessions of a user are listed newest first', async () => {
      const user = await storedUser(subject)
      const [old, ended, young] = [
        await storedSession(subject, user, 0),
        await storedSession(subject, user, 10),
        await storedSession(subject, user, 20),
      ]
      await given()
      await sessions().end(ended.id, user.id, noonPlus(30))
      expect(await sessions().ofUser(user.id, noonPlus(40), FIRST_PAGE)).toEqual([young, old])
      expect(await sessions().ofUser(user.id, noonPlus(14 * DAY + 10), FIRST_PAGE)).toEqual([young])
    })

    test('the list of sessions is read page by page, also where instants are equal [SE15]', async () => {
      expect(await listedOneByOne(subject.stores)).toEqual([20, 10, 10, 10, 0])
    })

    describe('sessions beyond the limit', () => {
      const idsOf = async (user: User) =>
        (await sessions().ofUser(user.id, noonPlus(40), FIRST_PAGE)).map(({ id }) => id)

      test('end when they were not used for the longest time, each with an audit entry [SE15]', async () => {
        const { session: bystander } = await given()
        const { user, endSurplus, ...outcome } = await endingTwoOfFour(subject)
        expect(outcome).toEqual(THE_OLDEST_TWO_END)
        expect(await sessions().find(bystander.id)).toEqual(bystander)
        expect(await endSurplus()).toBe(0)
        expect(await subject.auditOf(user.id)).toHaveLength(2)
      })

      test('are none of those that have expired, which do not end once more [SE15]', async () => {
        const user = await storedUser(subject)
        await storedSession(subject, user, 0)
        await storedSession(subject, user, 14 * DAY - 20)
        const opened = await storedSession(subject, user, 14 * DAY - 10)
        const surplus = surplusOf(user, opened, 2)
        expect(await sessions().endSurplus(user.id, surplus, noonPlus(14 * DAY))).toBe(0)
        expect(await subject.auditOf(user.id)).toEqual([])
      })

      test('end in the order of their ids when they were used at the same instant [SE15]', async () => {
        const user = await storedUser(subject)
        const ids: SessionId[] = []
        for (let session = 0; session < 5; session += 1)
          ids.push((await storedSession(subject, user, 0)).id)
        const opened = await storedSession(subject, user, 0)
        await sessions().endSurplus(user.id, surplusOf(user, opened, 3), noonPlus(1))
        expect((await idsOf(user)).toSorted()).toEqual(
          [...ids.toSorted().slice(-2), opened.id].toSorted(),
        )
      })

      test('end once when several calls end them at the same time [SE15]', async () => {
        const user = await storedUser(subject)
        for (let second = 0; second < 12; second += 1) await storedSession(subject, user, second)
        const opened = await storedSession(subject, user, 20)
        const ended = await Promise.all(
          Array.from({ length: 8 }, () =>
            sessions().endSurplus(user.id, surplusOf(user, opened, 3), noonPlus(21)),
          ),
        )
        expect(ended.reduce((sum, count) => sum + count, 0)).toBe(10)
        expect(await subject.auditOf(user.id)).toHaveLength(10)
        expect(await idsOf(user)).toHaveLength(3)
      })

      test('end in portions [SE15]', async () => {
        const user = await storedUser(subject)
        for (let second = 0; second < 5; second += 1) await storedSession(subject, user, second)
        const opened = await storedSession(subject, user, 20)
        const portion = () =>
          sessions().endSurplus(user.id, surplusOf(user, opened, 1, 2), noonPlus(21))
        expect([await portion(), await portion(), await portion()]).toEqual([2, 2, 1])
      })
    })

    test('the state of a session is the session and its user as they are stored now [JW13]', async () => {
      const { user, session } = await given()
      expect(await subject.readSessionState(session.id)).toEqual({ session, user })
      const changed = await updatedUser(subject, user, { role: 'moderator', isActive: false })
      await sessions().end(session.id, user.id, noonPlus(1))
      expect(await subject.readSessionState(session.id)).toEqual({
        session: { ...session, endedAt: noonPlus(1) },
        user: changed,
      })
    })

    test('sessions are deleted with their user [JW13]', async () => {
      const { user, session } = await given()
      await subject.stores.users.remove(user, announcement())
      expect(await sessions().find(session.id)).toBeNull()
      expect(await subject.readSessionState(session.id)).toBeNull()
    })
  })
