import { describe, expect, test } from 'bun:test'
import type { Budgets } from '../../../src/domain/limits/limits.ts'
import {
  granted,
  newRegistration,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { changesInAMinute } from '../../support/builders/limits/spent-budgets.ts'
import { givenUseCases, UNLIMITED } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const given = async (budgets?: Budgets) => {
  const service = await givenUseCases(database, budgets)
  const person = await registered(service, { displayName: 'John Doe' })
  const update = (
    patch: Parameters<typeof service.updateProfile>[1],
    expected: readonly number[] | null = null,
  ) => service.updateProfile(person.caller, patch, expected)
  return { service, person, update }
}

const AVATAR = 'https://cdn.example.com/a.png'

describe('a change of the profile', () => {
  test('of all fields makes one version and one event that lists them', async () => {
    const { service, person, update } = await given()
    const { username } = newRegistration()
    const patch = { username, displayName: 'Zoe\u0308', avatar: AVATAR }
    const user = granted(await update(patch))
    expect(user).toMatchObject({ username, displayName: 'Zoë', avatar: AVATAR, version: 2 })
    expect(await service.readProfile(person.caller)).toEqual(user)
    const [, updated] = await service.eventsOf(user.id)
    expect(updated).toMatchObject({
      action: 'updated',
      version: 2,
      changed: ['username', 'displayName', 'avatar'],
      state: { username, displayName: 'Zoë', avatar: AVATAR },
    })
  })

  test('keeps the fields that the patch does not have, and clears those that are null', async () => {
    const { person, update } = await given()
    granted(await update({ avatar: AVATAR }))
    const user = granted(await update({ displayName: null }))
    expect(user).toMatchObject({
      ...person.user,
      displayName: null,
      avatar: AVATAR,
      version: 3,
      updatedAt: user.updatedAt,
    })
  })

  test('is allowed sixty times a minute for each account [BF12]', async () => {
    const { service, person, update } = await given()
    expect(await changesInAMinute(service, person.caller)).toBe(60)
    const refused = refusalOf(await update({ displayName: 'One more' }))
    expect(refused).toEqual({ kind: 'too-many-attempts', retryAfterSeconds: 60 })
    expect(await service.readProfile(person.caller)).toMatchObject({ displayName: 'Name 59' })
    const other = await registered(service)
    granted(await service.updateProfile(other.caller, { displayName: 'Somebody' }, null))
    await service.pass(60)
    granted(await update({ displayName: 'One more' }))
  })

  test('of the username is allowed ten times an hour, taken names included [BF12]', async () => {
    const { service, person, update } = await given()
    const { user: owner } = await registered(service)
    for (let time = 0; time < 9; time += 1)
      expect(refusalOf(await update({ username: owner.username }))).toEqual({
        kind: 'username-taken',
      })
    const { username } = granted(await update({ username: newRegistration().username }))
    for (const name of [owner.username, newRegistration().username])
      expect(refusalOf(await update({ username: name })).kind).toBe('too-many-attempts')
    granted(await update({ username, displayName: 'With the present username' }))
    expect(refusalOf(await update({ username: 'x' })).kind).toBe('invalid-request')
    await service.pass(3600)
    expect(refusalOf(await update({ username: owner.username })).kind).toBe('username-taken')
    expect(person.user.id).not.toBe(owner.id)
  })

  test('is written when the cached user equals the patch but another instance has changed the user since', async () => {
    const { service, person, update } = await given()
    const elsewhere = await givenUseCases(database)
    expect(await service.authenticate(person.tokens.accessToken)).not.toBeNull()
    granted(await elsewhere.updateProfile(person.caller, { displayName: 'Somebody Else' }, null))
    const user = granted(await update({ displayName: 'John Doe' }))
    expect(user).toMatchObject({ displayName: 'John Doe', version: 3 })
  })

  test('is what the next request in the session finds', async () => {
    const { service, person, update } = await given()
    expect(await service.authenticate(person.tokens.accessToken)).not.toBeNull()
    const user = granted(await update({ displayName: 'Zoë' }))
    expect((await service.states.find(person.caller.session.id))?.user).toEqual(user)
  })

  test('that changes nothing makes no version and no event', async () => {
    const { service, person, update } = await given()
    const same = { username: person.user.username, displayName: ' John Doe ', avatar: null }
    for (const patch of [{}, same]) expect(granted(await update(patch))).toEqual(person.user)
    expect(service.commits()).toBe(1)
  })

  test('with malformed fields gets all of them and changes nothing', async () => {
    const { service, update } = await given()
    const patch = { username: 'a', displayName: 'Zero\u200bWidth', avatar: 'http://x.com' }
    expect(refusalOf(await update(patch))).toEqual({
      kind: 'invalid-request',
      problems: [
        { field: 'username', code: 'length' },
        { field: 'displayName', code: 'not-a-display-name' },
        { field: 'avatar', code: 'not-an-https-url' },
      ],
    })
    expect(service.commits()).toBe(1)
  })

  test('of fields that only the service sets changes nothing [RG10]', async () => {
    const { service, person, update } = await given()
    const extra = { role: 'admin', isActive: false, id: 'x', emailVerified: true, email: 'a@b.co' }
    expect(granted(await update({ displayName: 'John Doe', ...extra }))).toEqual(person.user)
    expect(service.commits()).toBe(1)
  })

  test('to a taken, confusable or reserved name is refused without an event [RG1] [RG2]', async () => {
    const { service, update } = await given()
    await registered(service, { username: 'cope.scope' })
    const problem = (code: string) =>
      ({ kind: 'invalid-request', problems: [{ field: 'username', code }] }) as const
    expect(refusalOf(await update({ username: 'COPE.scope' }))).toEqual({ kind: 'username-taken' })
    expect(refusalOf(await update({ username: 'соре.ѕсоре' }))).toEqual(problem('confusable'))
    expect(refusalOf(await update({ username: 'аdmin' }))).toEqual(problem('mixed-scripts'))
    expect(refusalOf(await update({ username: 'Admin' }))).toEqual(problem('reserved'))
    expect(service.commits()).toBe(2)
  })

  test("to another spelling of the user's own name is allowed", async () => {
    const { person, update } = await given()
    const username = person.user.username.toUpperCase()
    expect<string>(granted(await update({ username })).username).toBe(username)
  })

  test('of another version than expected is refused and loses nothing [AZ11]', async () => {
    const { service, person, update } = await given()
    granted(await update({ displayName: 'First' }))
    for (const expected of [[1], [], [3]])
      expect(refusalOf(await update({ displayName: 'Second' }, expected))).toEqual({
        kind: 'version-mismatch',
      })
    expect(await service.readProfile(person.caller)).toMatchObject({ displayName: 'First' })
    expect(granted(await update({ displayName: 'Second' }, [1, 2])).version).toBe(3)
  })

  test('sent twenty times at once for one version succeeds once [AZ11]', async () => {
    const { service, person, update } = await given()
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => update({ displayName: `Name ${index}` }, [1])),
    )
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.kind]))
    expect(refusals).toEqual(Array.from({ length: 19 }, () => 'version-mismatch'))
    expect(await service.eventsOf(person.user.id)).toHaveLength(2)
  })

  test('made a hundred times at once without expected versions loses none of them', async () => {
    const { service, person, update } = await given(UNLIMITED)
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => update({ displayName: `Name ${index}` })),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    const events = await service.eventsOf(person.user.id)
    expect(events.map(({ version }) => version)).toEqual(
      Array.from({ length: 101 }, (_, index) => index + 1),
    )
  }, 30_000)

  test('of a profile whose account was deleted a moment ago finds nothing', async () => {
    const { service, person, update } = await given()
    granted(await service.deleteAccount(person.caller, null))
    expect(refusalOf(await update({ displayName: 'Ghost' }))).toEqual({ kind: 'not-found' })
    expect(await service.eventsOf(person.user.id)).toHaveLength(2)
  })
})
