import { beforeAll, describe, expect, test } from 'bun:test'
import type { Avatar } from '../../../../src/domain/accounts/avatar.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { Email } from '../../../../src/domain/accounts/email.ts'
import type { PublishedState, User } from '../../../../src/domain/accounts/user.ts'
import { changedFields, publishedState } from '../../../../src/domain/accounts/user.ts'
import type { Announcement, UserEvent } from '../../../../src/domain/events/user-event.ts'
import {
  announcement,
  formsOf,
  stateOf,
  storedUser,
  uniqueEmail,
  uniqueName,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'

/** Names that a careless list or statement would change. Null removes the name. */
const AWKWARD_TEXTS = [
  null,
  'null',
  'NULL',
  '"quoted"',
  "O'Neil",
  'a, b',
  '{braces}',
  '{}',
  '\\',
  'back\\slash\\"',
  ' spaces ',
  '👩‍👩‍👧 🦊',
  '名前𠮷',
  '$1 %s',
]

/** What every adapter of `Users` promises. All tests share what `open` answers. */
export const usersContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`users in ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    const insert = (changes: Parameters<typeof stateOf>[0] = {}, forms = formsOf(uniqueName())) =>
      subject.stores.users.insert(uniqueUserId(), stateOf(changes), forms, announcement())
    const eventsOf = async ({ id }: User): Promise<UserEvent[]> => {
      const page = await subject.ledger.read({ after: null, userId: id, limit: 100 })
      return (page?.entries ?? []).map(({ event }) => event)
    }
    const update = (
      before: User,
      changes: Partial<PublishedState>,
      told: Announcement = announcement(),
    ) => {
      const after = { ...publishedState(before), ...changes }
      const changed = changedFields(publishedState(before), after)
      return subject.stores.users.update(before, after, changed, formsOf(after.username), told)
    }

    test('an unknown user is null', async () => {
      expect(await subject.stores.users.find(uniqueUserId())).toBeNull()
    })

    test('a new user is found as inserted, at version 1', async () => {
      const state = stateOf({
        emailVerified: true,
        displayName: 'Zoë 🦊' as DisplayName,
        avatar: 'https://example.com/a.png' as Avatar,
        role: 'moderator',
        isActive: false,
      })
      const id = uniqueUserId()
      const inserted = await subject.stores.users.insert(
        id,
        state,
        formsOf(state.username),
        announcement(),
      )
      if (!inserted.ok) throw new Error(inserted.refusal.kind)
      expect(inserted.value).toMatchObject({ id, version: 1, ...state })
      expect(inserted.value.createdAt).toEqual(inserted.value.updatedAt)
      expect(await subject.stores.users.find(id)).toEqual(inserted.value)
    })

    test('a user is found by email and by canonical username', async () => {
      const user = await storedUser(subject)
      const { canonical } = formsOf(user.username)
      expect(await subject.stores.users.byIdentifier({ kind: 'username', canonical })).toEqual(user)
      const email = user.email ?? ('' as Email)
      expect(await subject.stores.users.byIdentifier({ kind: 'email', email })).toEqual(user)
    })

    test('an email finds nobody by their username, nor the other way round', async () => {
      const user = await storedUser(subject)
      const email = `${user.username}` as Email
      expect(await subject.stores.users.byIdentifier({ kind: 'email', email })).toBeNull()
      const { canonical } = formsOf(String(user.email))
      expect(await subject.stores.users.byIdentifier({ kind: 'username', canonical })).toBeNull()
    })

    test('a taken email is refused', async () => {
      const { email } = await storedUser(subject)
      expect(await insert({ email })).toEqual({ ok: false, refusal: { kind: 'email-taken' } })
    })

    test('any number of users can have no email', async () => {
      const [first, second] = [await insert({ email: null }), await insert({ email: null })]
      expect([first.ok, second.ok]).toEqual([true, true])
    })

    test('a taken username is refused as taken, although it is confusable too', async () => {
      const { username } = await storedUser(subject)
      const refusal = { kind: 'username-taken' } as const
      expect(await insert({}, formsOf(username))).toEqual({ ok: false, refusal })
    })

    test('a username that only looks like another one is refused as confusable', async () => {
      const { username } = await storedUser(subject)
      const { skeleton } = formsOf(username)
      const { canonical } = formsOf(uniqueName())
      const refusal = { kind: 'username-confusable' } as const
      expect(await insert({}, { canonical, skeleton })).toEqual({ ok: false, refusal })
    })

    test('a refused user leaves no row and no event', async () => {
      const taken = await storedUser(subject)
      const id = uniqueUserId()
      const state = stateOf({ email: taken.email })
      await subject.stores.users.insert(id, state, formsOf(state.username), announcement())
      expect(await subject.stores.users.find(id)).toBeNull()
      const page = await subject.ledger.read({ after: null, userId: id, limit: 10 })
      expect(page?.entries).toEqual([])
    })

    test('of 20 parallel inserts of one email exactly one is stored [RG4]', async () => {
      const email = uniqueEmail()
      const inserts = await Promise.all(Array.from({ length: 20 }, () => insert({ email })))
      const refusals = inserts.flatMap((inserted) => (inserted.ok ? [] : [inserted.refusal.kind]))
      expect(refusals).toEqual(Array(19).fill('email-taken'))
    })

    test('an update makes the next version, later than the one before', async () => {
      const before = await storedUser(subject)
      const after = await updatedUser(subject, before, { displayName: 'New' as DisplayName })
      expect(after).toMatchObject({ ...publishedState(before), displayName: 'New', version: 2 })
      expect(after.createdAt).toEqual(before.createdAt)
      expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
      expect(await subject.stores.users.find(before.id)).toEqual(after)
    })

    test('an update writes every field, in the user and in the event', async () => {
      const before = await storedUser(subject)
      const changes = {
        email: uniqueEmail(),
        emailVerified: true,
        username: uniqueName(),
        displayName: 'Ada' as DisplayName,
        avatar: 'https://cdn.example.com/ada.png' as Avatar,
        role: 'moderator',
        isActive: false,
      } as const
      const after = await updatedUser(subject, before, changes)
      expect(publishedState(after)).toEqual(changes)
      expect(await subject.stores.users.find(before.id)).toEqual(after)
      expect((await eventsOf(before)).at(-1)?.state).toEqual(changes)
      // What the username was before is free again, and what it is now is taken, in each of its forms.
      expect((await insert({}, formsOf(before.username))).ok).toBe(true)
      const now = formsOf(changes.username)
      expect(
        await insert({}, { ...formsOf(uniqueName()), canonical: now.canonical }),
      ).toMatchObject({
        refusal: { kind: 'username-taken' },
      })
      expect(await insert({}, { ...formsOf(uniqueName()), skeleton: now.skeleton })).toMatchObject({
        refusal: { kind: 'username-confusable' },
      })
    })

    test('instants of one user rise even when changes follow immediately', async () => {
      let user = await storedUser(subject)
      const instants = [user.updatedAt.getTime()]
      for (let change = 0; change < 20; change += 1) {
        user = await updatedUser(subject, user, { isActive: change % 2 === 0 })
        instants.push(user.updatedAt.getTime())
      }
      expect(new Set(instants).size).toBe(21)
      expect(instants.toSorted((a, b) => a - b)).toEqual(instants)
    })

    test('an update of an older version is stale and changes nothing [AZ11]', async () => {
      const first = await storedUser(subject)
      const second = await updatedUser(subject, first, { role: 'moderator' })
      const late = await subject.stores.users.update(
        first,
        { ...first, role: 'admin' },
        ['role'],
        formsOf(first.username),
        announcement(),
      )
      expect(late).toEqual({ ok: false, refusal: { kind: 'stale' } })
      expect(await subject.stores.users.find(first.id)).toEqual(second)
      expect(await eventsOf(first)).toHaveLength(2)
    })

    test('of 20 parallel updates of one version exactly one wins', async () => {
      const user = await storedUser(subject)
      const updates = await Promise.all(
        Array.from({ length: 20 }, () =>
          subject.stores.users.update(
            user,
            { ...user, isActive: false },
            ['isActive'],
            formsOf(user.username),
            announcement(),
          ),
        ),
      )
      expect(updates.filter(({ ok }) => ok)).toHaveLength(1)
      expect((await eventsOf(user)).map(({ version }) => version)).toEqual([1, 2])
    })

    const storedUsers = (count: number) =>
      Promise.all(Array.from({ length: count }, () => storedUser(subject)))

    test('each of 20 profiles that are changed at once gets its own answer, version and event', async () => {
      const texts = [...AWKWARD_TEXTS, ...AWKWARD_TEXTS].slice(0, 20)
      const users = await storedUsers(20)
      const committedBefore = subject.committed.length
      const changes = texts.map((text, index) => ({
        displayName: text as DisplayName | null,
        avatar: index % 3 === 0 ? (`https://example.com/${index},{"}` as Avatar) : null,
      }))
      const told = users.map((_, index) =>
        announcement(index % 2 === 0 ? `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` : null),
      )
      const answers = await Promise.all(
        users.map((user, index) => update(user, changes[index] ?? {}, told[index])),
      )
      const reported = subject.committed.slice(committedBefore).map(({ event }) => event)
      expect(reported).toHaveLength(20)
      for (const [index, before] of users.entries()) {
        const answer = answers[index]
        if (!answer?.ok) throw new Error(answer?.refusal.kind)
        const after = { ...publishedState(before), ...changes[index] }
        expect(answer.value).toEqual({
          ...before,
          ...after,
          version: 2,
          updatedAt: answer.value.updatedAt,
        })
        expect(answer.value.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
        expect(await subject.stores.users.find(before.id)).toEqual(answer.value)
        const event = {
          ...told[index],
          userId: before.id,
          version: 2,
          action: 'updated',
          state: after,
          changed: changedFields(publishedState(before), after),
          occurredAt: answer.value.updatedAt,
        }
        expect((await eventsOf(before)).slice(1)).toEqual([expect.objectContaining(event)])
        expect(reported.filter(({ userId }) => userId === before.id)).toEqual([
          expect.objectContaining(event),
        ])
      }
    })

    test('a delivery for every channel is made for each of several profiles that are changed at once', async () => {
      const users = await storedUsers(4)
      await Promise.all(users.map((user) => update(user, { displayName: 'New' as DisplayName })))
      for (const { id } of users) {
        const page = await subject.ledger.read({ after: null, userId: id, limit: 10 })
        expect(page?.entries[1]?.deliveries.map(({ channel }) => channel)).toEqual([FIRST, SECOND])
      }
    })

    test('of several profiles that are changed at once only the stale and the deleted one are refused', async () => {
      const users = await storedUsers(6)
      const [, stale, , gone] = users
      if (stale === undefined || gone === undefined) throw new Error('no users')
      const newer = await updatedUser(subject, stale, { role: 'moderator' })
      await subject.stores.users.remove(gone, announcement())
      const answers = await Promise.all(
        users.map((user) => update(user, { displayName: 'New' as DisplayName })),
      )
      expect(answers.map((answer) => (answer.ok ? answer.value.version : answer.refusal))).toEqual([
        2,
        { kind: 'stale' },
        2,
        { kind: 'stale' },
        2,
        2,
      ])
      expect(await subject.stores.users.find(stale.id)).toEqual(newer)
      expect(await eventsOf(stale)).toHaveLength(2)
      expect(await eventsOf(gone)).toHaveLength(2)
    })

    test('of several changes of one profile among others exactly one wins, and it is the one in the store', async () => {
      const [first, twice, last] = await storedUsers(3)
      if (!first || !twice || !last) throw new Error('no users')
      const names = ['One', 'Two', 'Three'] as DisplayName[]
      const [, ...answers] = await Promise.all([
        update(first, { displayName: 'New' as DisplayName }),
        ...names.map((displayName) => update(twice, { displayName })),
        update(last, { displayName: 'New' as DisplayName }),
      ])
      const [one, two, three, other] = answers
      const won = [one, two, three].flatMap((answer) => (answer?.ok ? [answer.value] : []))
      expect(won).toHaveLength(1)
      expect(other?.ok).toBe(true)
      expect([one, two, three].filter((answer) => answer?.ok === false)).toEqual(
        Array(2).fill({ ok: false, refusal: { kind: 'stale' } }),
      )
      expect(await subject.stores.users.find(twice.id)).toEqual(won[0] ?? null)
      const events = await eventsOf(twice)
      expect(events.map(({ version }) => version)).toEqual([1, 2])
      expect(events[1]?.state.displayName).toBe(won[0]?.displayName ?? null)
    })

    test('a profile change that the store refuses takes no other with it', async () => {
      const users = await storedUsers(5)
      // PostgreSQL stores no zero byte.
      const names = ['A', 'B', '\0', 'D', 'E'] as DisplayName[]
      const answers = await Promise.allSettled(
        users.map((user, index) => update(user, { displayName: names[index] ?? null })),
      )
      expect(answers.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ])
      const stored = await Promise.all(users.map(({ id }) => subject.stores.users.find(id)))
      expect(stored.map((user) => user?.version)).toEqual([2, 2, 1, 2, 2])
    })

    test('a change of more than a profile is written as it is among changes of profiles', async () => {
      const users = await storedUsers(4)
      const changes: Partial<PublishedState>[] = [
        { displayName: 'A' as DisplayName },
        { displayName: 'B' as DisplayName, role: 'moderator' },
        { username: uniqueName() },
        { displayName: 'D' as DisplayName },
      ]
      await Promise.all(users.map((user, index) => update(user, changes[index] ?? {})))
      for (const [index, { id }] of users.entries())
        expect(await subject.stores.users.find(id)).toMatchObject({ version: 2, ...changes[index] })
    })

    test('an update to a taken name is refused and changes nothing', async () => {
      const [mine, theirs] = [await storedUser(subject), await storedUser(subject)]
      const rename = (after: Partial<User>, username: string) =>
        subject.stores.users.update(
          mine,
          { ...mine, ...after },
          [],
          formsOf(username),
          announcement(),
        )
      const { email } = theirs
      expect(await rename({ email }, mine.username)).toMatchObject({
        refusal: { kind: 'email-taken' },
      })
      expect(await rename({}, theirs.username)).toMatchObject({
        refusal: { kind: 'username-taken' },
      })
      expect(await subject.stores.users.find(mine.id)).toEqual(mine)
      expect(await eventsOf(mine)).toHaveLength(1)
    })

    test('the own name of a user is not a conflict', async () => {
      const user = await storedUser(subject)
      const updated = await updatedUser(subject, user, { isActive: false })
      expect(updated.username).toBe(user.username)
    })

    test('a removed user is gone, and a second removal is stale', async () => {
      const user = await storedUser(subject)
      const remove = () => subject.stores.users.remove(user, announcement())
      expect(await remove()).toEqual({ ok: true, value: null })
      expect(await subject.stores.users.find(user.id)).toBeNull()
      expect(await remove()).toEqual({ ok: false, refusal: { kind: 'stale' } })
    })

    test('a removal of an older version is stale and removes nobody', async () => {
      const first = await storedUser(subject)
      const second = await updatedUser(subject, first, { isActive: false })
      const removed = await subject.stores.users.remove(first, announcement())
      expect(removed).toEqual({ ok: false, refusal: { kind: 'stale' } })
      expect(await subject.stores.users.find(first.id)).toEqual(second)
    })

    test('each change is announced once, with the new state', async () => {
      const created = await storedUser(subject)
      const updated = await updatedUser(subject, created, { displayName: 'Näme' as DisplayName })
      const last = announcement('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
      await subject.stores.users.remove(updated, last)
      const events = await eventsOf(created)
      const told = events.map(({ action, version, changed }) => ({ action, version, changed }))
      expect(told).toEqual([
        { action: 'created', version: 1, changed: [] },
        { action: 'updated', version: 2, changed: ['displayName'] },
        { action: 'deleted', version: 3, changed: [] },
      ])
      expect(events.map(({ state }) => state)).toEqual([
        publishedState(created),
        publishedState(updated),
        publishedState(updated),
      ])
      expect(events[1]?.occurredAt).toEqual(updated.updatedAt)
      expect(events[2]).toMatchObject(last)
    })

    test('each event has a delivery for every channel', async () => {
      const user = await storedUser(subject)
      const page = await subject.ledger.read({ after: null, userId: user.id, limit: 1 })
      const deliveries = page?.entries[0]?.deliveries.map(({ channel, state }) => [channel, state])
      expect(deliveries).toEqual([
        [FIRST, 'pending'],
        [SECOND, 'pending'],
      ])
    })

    test('each commit of a change is reported, and no refusal is', async () => {
      const before = subject.committed.length
      const user = await storedUser(subject)
      await insert({ email: user.email })
      expect(subject.committed.length - before).toBe(1)
    })

    test('only active administrators are counted [AZ4]', async () => {
      const before = await subject.stores.users.lockActiveAdmins()
      await storedUser(subject, { role: 'admin' })
      await storedUser(subject, { role: 'admin', isActive: false })
      await storedUser(subject, { role: 'moderator' })
      expect(await subject.stores.users.lockActiveAdmins()).toBe(before + 1)
    })

    test('a name that its user gave up is free again', async () => {
      const user = await storedUser(subject)
      await subject.stores.users.remove(user, announcement())
      const { email, username } = user
      expect((await insert({ email, username }, formsOf(username))).ok).toBe(true)
    })

    test('text of any script is stored as it is [FZ6]', async () => {
      const texts = ["'; drop table users; --", '#{7*7}', '%s%n', '{"a":"\\\\"}', '名前𠮷', '$1']
      for (const text of texts) {
        const user = await storedUser(subject, { displayName: text as DisplayName })
        expect(String((await subject.stores.users.find(user.id))?.displayName)).toBe(text)
        expect(String((await eventsOf(user))[0]?.state.displayName)).toBe(text)
      }
    })
  })
