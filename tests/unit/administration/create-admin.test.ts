import { describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import {
  granted,
  newClient,
  newRegistration,
  refusalOf,
  registered,
} from '../../support/builders/accounts/registered-users.ts'
import { givenDatabase } from '../../support/builders/database/given-database.ts'
import { givenUseCases } from '../../support/builders/service/given-use-cases.ts'

const database = await givenDatabase()

const newAdmin = () => {
  const { email, username } = newRegistration()
  return { email, username, password: PASSWORD }
}

describe('creating an administrator', () => {
  test('creates one who can sign in, announced and audited once [CF4]', async () => {
    const service = await givenUseCases(database)
    const admin = newAdmin()
    const { user, created } = granted(await service.createAdmin(admin))
    expect(created).toBe(true)
    expect(user).toMatchObject({ role: 'admin', isActive: true, emailVerified: true, version: 1 })
    expect(granted(await service.signIn(admin.email, PASSWORD, newClient())).user).toEqual(user)
    expect(await service.eventsOf(user.id)).toMatchObject([
      { action: 'created', state: { role: 'admin' } },
    ])
    expect((await service.auditOf(user.id)).at(0)).toMatchObject({
      action: 'admin.created',
      result: 'ok',
      actorId: null,
      subjectId: user.id,
    })
  })

  test('again changes nothing, the password included [CF4]', async () => {
    const service = await givenUseCases(database)
    const admin = newAdmin()
    const { user } = granted(await service.createAdmin(admin))
    const again = { ...admin, email: admin.email.toUpperCase(), password: 'another quiet lantern' }
    expect(granted(await service.createAdmin(again))).toEqual({ user, created: false })
    expect(service.commits()).toBe(1)
    granted(await service.signIn(admin.username, PASSWORD, newClient()))
  })

  test('fifty times at once creates one [CF4]', async () => {
    const service = await givenUseCases(database)
    const admin = newAdmin()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => service.createAdmin(admin)))
    const made = outcomes.map((outcome) => granted(outcome))
    expect(made.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(made.map(({ user }) => user.id)).size).toBe(1)
    expect(service.commits()).toBe(1)
  })

  test('with an empty or malformed value is refused, not skipped [CF4]', async () => {
    const service = await givenUseCases(database)
    const admin = newAdmin()
    expect(refusalOf(await service.createAdmin({ email: '', username: '', password: '' }))).toEqual(
      {
        kind: 'invalid-request',
        problems: [
          { field: 'email', code: 'not-an-email' },
          { field: 'username', code: 'length' },
          { field: 'password', code: 'too-short', limit: 12 },
        ],
      },
    )
    expect(refusalOf(await service.createAdmin({ ...admin, password: '' }))).toEqual({
      kind: 'weak-password',
      field: 'password',
      weakness: 'too-short',
      limit: 12,
    })
    expect(service.commits()).toBe(0)
  })

  test.each(['admin', 'Administrator', 'root', 'support'])(
    'may be called %s, a name that is reserved when strangers register',
    async (username) => {
      const service = await givenUseCases(database)
      const admin = { ...newAdmin(), username }
      expect(granted(await service.createAdmin(admin))).toMatchObject({
        user: { username, role: 'admin' },
        created: true,
      })
      expect(granted(await service.createAdmin(admin)).created).toBe(false)
      expect(granted(await service.signIn(username, PASSWORD, newClient())).user.role).toBe('admin')
      const stranger = newRegistration({ username: username.toUpperCase() })
      expect(refusalOf(await service.registerUser(stranger, newClient()))).toMatchObject({
        problems: [{ field: 'username', code: 'reserved' }],
      })
    },
  )

  test('with the names of a user who is not an administrator is refused, and promotes nobody [CF4]', async () => {
    const service = await givenUseCases(database)
    const { user } = await registered(service)
    const admin = newAdmin()
    const taken = { ...admin, email: `${user.email}`, username: user.username }
    const outcomes = [
      await service.createAdmin({ ...admin, email: `${user.email}` }),
      await service.createAdmin({ ...admin, username: user.username }),
    ]
    expect(outcomes.map((outcome) => refusalOf(outcome).kind)).toEqual([
      'email-taken',
      'username-taken',
    ])
    expect(refusalOf(await service.createAdmin(taken)).kind).toBe('email-taken')
    expect((await service.stores.users.find(user.id))?.role).toBe('user')
    expect(service.commits()).toBe(1)
  })

  test('never happens by registering first [CF4]', async () => {
    const service = await givenUseCases(await givenDatabase())
    expect((await registered(service)).user.role).toBe('user')
  }, 20_000)
})
