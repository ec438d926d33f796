import { afterAll, describe, expect, test } from 'bun:test'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import type { ProviderId, ProviderSubject } from '../../../../src/domain/oauth/provider.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import {
  announcement,
  formsOf,
  HOME,
  NOON,
  sessionOf,
  stateOf,
  uniqueEmail,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import { FIRST_PAGE, LIFETIMES } from '../../../support/builders/sessions/given-sessions.ts'
import { freePort } from '../../../support/processes/native/free-port.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'

const database = openPostgres({
  address: postgresAt(`postgres://nobody@127.0.0.1:${await freePort()}/test`),
  applicationName: 'test',
})
afterAll(() => database.close())

const { stores, leases } = givenStores(database)
const { users, credentials, sessions, identities } = stores
const id = givenUserId(1)
const state = stateOf()
const forms = formsOf(state.username)
const user = { ...state, id, version: 1, createdAt: NOON, updatedAt: NOON }
const session = sessionOf({ id })
const provider = 'google' as ProviderId
const subject = 'subject' as ProviderSubject
const entry = { action: 'session.ended', at: NOON } as never

/** Each member of each store, called once. */
const CALLS: Readonly<Record<string, Readonly<Record<string, () => Promise<unknown>>>>> = {
  users: {
    find: () => users.find(id),
    byIdentifier: () => users.byIdentifier({ kind: 'email', email: uniqueEmail() }),
    insert: () => users.insert(id, state, forms, announcement()),
    update: () =>
      users.update(user, { ...state, isActive: false }, ['isActive'], forms, announcement()),
    remove: () => users.remove(user, announcement()),
    lockActiveAdmins: () => users.lockActiveAdmins(),
  },
  credentials: {
    forSignIn: () => credentials.forSignIn({ kind: 'email', email: uniqueEmail() }, HOME, NOON),
    passwordHash: () => credentials.passwordHash(id),
    lock: () => credentials.lock(id),
    revocations: () => credentials.revocations(id),
    revoke: () => credentials.revoke(id),
    setPasswordHash: () => credentials.setPasswordHash(id, 'hash'),
    rehash: () => credentials.rehash(id, 'old', 'new'),
    signInFailed: () => credentials.signInFailed(id, HOME, NOON),
    signInSucceeded: () => credentials.signInSucceeded(id, HOME, NOON),
    clearFailures: () => credentials.clearFailures(id),
  },
  sessions: {
    find: () => sessions.find(session.id),
    start: () => sessions.start(session),
    startFromCode: () => sessions.startFromCode(session, 'digest'),
    rotate: () => sessions.rotate(session.id, 1, LIFETIMES, NOON),
    lock: () => sessions.lock(session.id, id, NOON),
    reauthenticated: () => sessions.reauthenticated(session.id, NOON),
    end: () => sessions.end(session.id, id, NOON),
    endAll: () => sessions.endAll(id, null, NOON),
    endSurplus: () =>
      sessions.endSurplus(id, { opened: session.id, keep: 1, atOnce: 1, entry }, NOON),
    ofUser: () => sessions.ofUser(id, NOON, FIRST_PAGE),
  },
  identities: {
    ownerOf: () => identities.ownerOf(provider, subject),
    ofUser: () => identities.ofUser(id),
    link: () => identities.link({ provider, subject, userId: id, email: null, linkedAt: NOON }),
    unlink: () => identities.unlink(id, provider),
  },
  leases: {
    keep: () => leases.keep('this'),
    handBack: () => leases.handBack('this', [1]),
    leave: () => leases.leave('this'),
  },
}

// A member that does not wait for its statement would succeed, and nobody would learn of the fault.
describe('without a database', () => {
  test('every member of these stores is called here', () => {
    for (const [name, store] of Object.entries({
      users,
      credentials,
      sessions,
      identities,
      leases,
    }))
      expect([name, Object.keys(store).toSorted()]).toEqual([
        name,
        Object.keys(CALLS[name] ?? {}).toSorted(),
      ])
  })

  test.each(
    Object.entries(CALLS).flatMap(([name, calls]) =>
      Object.entries(calls).map(([member, call]) => [`${name}.${member}`, call] as const),
    ),
  )('%s says that it is unavailable', async (_, call) => {
    const fault = await call().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(fault).toBeInstanceOf(Unavailable)
  })
})
