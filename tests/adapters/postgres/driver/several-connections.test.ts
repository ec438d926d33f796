import { beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database, Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import { array, rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { ownAccountEntry } from '../../../../src/application/audit/audit-entries.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { SHARDS } from '../../../../src/domain/events/user-event.ts'
import type { Session } from '../../../../src/domain/sessions/session.ts'
import type { EventId } from '../../../../src/domain/shared/ids.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import { PASSWORD } from '../../../support/builders/accounts/given-users.ts'
import {
  administrator,
  granted,
  newClient,
  newRegistration,
  registered,
  signedInAgain,
} from '../../../support/builders/accounts/registered-users.ts'
import {
  announcement,
  NOON,
  noonPlus,
  storeCopies,
  storedSession,
  storedUser,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { GOOGLE, givenSignIns } from '../../../support/builders/oauth/given-sign-ins.ts'
import { givenUseCases, UNLIMITED } from '../../../support/builders/service/given-use-cases.ts'
import { FIRST_PAGE } from '../../../support/builders/sessions/given-sessions.ts'
import { eventually, until } from '../../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../../support/processes/timing/waking-time.ts'
import { givenLoneRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'

// What one connection cannot show: two transactions at the same time.

/** A transaction that stays open until the test ends it. */
const held = async (
  { db }: Database,
  work: (tx: Handle) => Promise<unknown>,
): Promise<{ commit: () => Promise<void> }> => {
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let begun: () => void = () => {}
  const done = new Promise<void>((resolve) => {
    begun = resolve
  })
  const transaction = db.transaction(async (tx) => {
    await work(tx)
    begun()
    await ended
  })
  await Promise.race([done, transaction])
  const commit = () => {
    end()
    return transaction
  }
  return { commit }
}

/** True when the work has not ended by itself within 0.2 s. */
const isWaiting = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => false), Bun.sleep(200).then(() => true)])

const timed = async (work: Promise<unknown>) => {
  const began = wakingMilliseconds()
  const fault = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { fault, seconds: (wakingMilliseconds() - began) / 1000 }
}

const moveMode = (tx: Handle) => tx.execute(sql`update sync_mode set epoch = epoch + 1`)

for (const { major, owner, app } of await givenLoneRolesOfEachVersion()) {
  const subject = givenStores(app)
  const other = givenStores(owner)
  const readAll = async (after: string | null) => {
    const page = await subject.ledger.read({ after, userId: null, limit: 1000 })
    if (page === null) throw new Error('the cursor was refused')
    return { next: page.next, users: page.entries.map(({ event }) => event.userId) }
  }
  const epochOf = async (user: string) => {
    const answer = await owner.db.execute(
      sql`select route_epoch from outbox_events where user_id = ${user}::uuid`,
    )
    return Number(rowsOf<{ route_epoch: unknown }>(answer)[0]?.route_epoch)
  }

  const untilWaiting = (transactions: number) =>
    until(`${transactions} waiting`, async () => {
      const answer = await owner.db.execute(sql`select count(*) from pg_locks where not granted`)
      return Number(rowsOf<{ count: unknown }>(answer)[0]?.count) === transactions
    })

  describe(`on PostgreSQL ${major}, with several connections`, () => {
    test('of changes of one password at once, from two sessions, one succeeds [PW12]', async () => {
      const service = await givenUseCases(app, UNLIMITED)
      for (let round = 0; round < 10; round += 1) {
        const owner = await registered(service)
        const thief = await signedInAgain(service, owner)
        const passwords = ['one quiet lantern', 'two quiet lanterns']
        const outcomes = await Promise.all(
          [owner, thief].map(({ caller, client }, index) => {
            const newPassword = passwords[index] ?? ''
            return service.changePassword(
              caller,
              { currentPassword: PASSWORD, newPassword },
              client,
            )
          }),
        )
        const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.kind]))
        expect(refusals).toEqual(['wrong-password'])
        const winner = passwords[outcomes.findIndex(({ ok }) => ok)] ?? ''
        granted(await service.signIn(owner.user.username, winner, newClient()))
      }
    }, 60_000)

    test('an exchange of a code during sign out everywhere leaves no session [SE14]', async () => {
      const { useCases, reachCode, reachLinkCode, exchange } = await givenSignIns(app)
      const person = await registered(useCases)
      granted(await exchange(await reachLinkCode(person.caller), person.caller))
      for (let round = 0; round < 20; round += 1) {
        const codes = [await reachCode(), await reachCode(), await reachCode()]
        const { caller } = await signedInAgain(useCases, person)
        await Promise.all([
          ...codes.map((code) => exchange(code)),
          useCases.signOutEverywhere(caller),
        ])
        expect(await useCases.listSessions(caller, { after: null, limit: 50 })).toEqual([])
      }
    }, 60_000)

    test('deletions, changes, links and sign-ins at once end without a deadlock [PW12]', async () => {
      const { useCases, reachLinkCode, reachCode, exchange } = await givenSignIns(app)
      for (let round = 0; round < 10; round += 1) {
        const { caller, client, user } = await registered(useCases)
        const link = await reachLinkCode(caller)
        const change = { currentPassword: PASSWORD, newPassword: 'another quiet lantern' }
        const code = await reachCode()
        const ended = await Promise.allSettled([
          useCases.changePassword(caller, change, client),
          useCases.reauthenticate(caller, PASSWORD, client),
          exchange(link, caller),
          exchange(code),
          useCases.unlinkIdentity(caller, GOOGLE),
          useCases.signIn(user.username, PASSWORD, client),
          useCases.signIn(user.username, 'not the right password', newClient()),
          useCases.signOutEverywhere(caller),
          useCases.deleteAccount(caller, null),
          useCases.deleteAccount(caller, null),
        ])
        expect(ended.filter(({ status }) => status === 'rejected')).toEqual([])
      }
    }, 60_000)

    describe('the end of all sessions and the end of those beyond the limit', () => {
      // So many that the planner reads the sessions of an account by an index, as it does in production.
      beforeAll(async () => {
        const crowd = await storedSession(subject, await storedUser(subject))
        await storeCopies(owner, crowd, 5000)
      })
      /** Sessions of one account from the oldest to the newest, and what ends all but the newest. */
      const givenSessions = async () => {
        const user = await storedUser(subject)
        const stored: Session[] = []
        for (const seconds of [0, 10, 20, 30, 40])
          stored.push(await storedSession(subject, user, seconds))
        const [oldest, , middle] = stored
        const opened = stored.at(-1)
        if (oldest === undefined || middle === undefined || opened === undefined)
          throw new Error('a session was not stored')
        const entry = ownAccountEntry('session.ended', user.id, { addressPrefix: null, at: NOON })
        const surplus = { opened: opened.id, keep: 1, atOnce: 500, entry }
        const endSurplus = () => subject.stores.sessions.endSurplus(user.id, surplus, noonPlus(50))
        const live = () => subject.stores.sessions.ofUser(user.id, noonPlus(60), FIRST_PAGE)
        return { user, oldest, middle, opened, endSurplus, live }
      }
      test('end each session once, however many calls do so at once [SE15]', async () => {
        const { user, endSurplus } = await givenSessions()
        const lock = await held(owner, (tx) =>
          tx.execute(sql`select from users where id = ${user.id}::uuid for update`),
        )
        const calls = Promise.all([endSurplus(), endSurplus()])
        await untilWaiting(2)
        await lock.commit()
        expect((await calls).toSorted()).toEqual([0, 4])
        expect(await subject.auditOf(user.id)).toHaveLength(4)
      })

      test('do not wait for each other, whatever the order in which they reach the sessions [SE15]', async () => {
        const { user, middle, endSurplus, live } = await givenSessions()
        const between = await held(owner, (tx) =>
          givenStores({ ...owner, db: tx }).stores.sessions.lock(middle.id, user.id, noonPlus(50)),
        )
        const all = Promise.allSettled([
          app.db.transaction((tx) =>
            givenStores({ ...app, db: tx }).stores.sessions.endAll(user.id, null, noonPlus(50)),
          ),
        ])
        await untilWaiting(1)
        const surplus = Promise.allSettled([endSurplus()])
        await untilWaiting(2)
        await between.commit()
        expect((await Promise.all([all, surplus])).flat()).toMatchObject([
          { status: 'fulfilled' },
          { status: 'fulfilled', value: 0 },
        ])
        expect(await live()).toEqual([])
      })

      test('do not wait for each other when the session that ends the others is one of those beyond the limit [SE15]', async () => {
        const { user, oldest, endSurplus, live } = await givenSessions()
        const surplus: Promise<unknown>[] = []
        const change = app.db.transaction(async (tx) => {
          const { credentials, sessions } = givenStores({ ...app, db: tx }).stores
          await credentials.lock(user.id)
          await sessions.lock(oldest.id, user.id, noonPlus(50))
          surplus.push(Promise.allSettled([endSurplus()]))
          await untilWaiting(1)
          await sessions.endAll(user.id, oldest.id, noonPlus(50))
        })
        expect(await Promise.allSettled([change])).toMatchObject([{ status: 'fulfilled' }])
        expect(await Promise.all(surplus)).toMatchObject([[{ status: 'fulfilled', value: 1 }]])
        expect(await live()).toEqual([])
      })
    })

    test('during a rebase no change gets through, and an instance that starts finds no shard [PR2]', async () => {
      const slow = await storedUser(subject)
      const lock = await held(owner, (tx) =>
        tx.execute(sql`select from users where id = ${slow.id}::uuid for update`),
      )
      const begun = await subject.rebases.begin()
      if (begun === null) throw new Error('an instance is serving')
      const nextEventId = () => crypto.randomUUID() as EventId
      const rebase = subject.rebases.raiseVersions(begun, 1_000_000, [], nextEventId)
      await untilWaiting(1)
      const change = storedUser(subject)
      const start = subject.leases.keep('a newcomer')
      expect(await isWaiting(change)).toBe(true)
      expect((await start).held).toEqual([])
      await lock.commit()
      expect(await rebase).toMatchObject({ ok: true })
      expect((await change).version).toBe(1)
      expect((await subject.leases.keep('a newcomer')).held).toHaveLength(SHARDS)
      await subject.leases.leave('a newcomer')
    })

    test('a change waits for a new mode and is routed by it', async () => {
      const before = await storedUser(subject)
      const mode = await held(owner, moveMode)
      const change = storedUser(subject)
      expect(await isWaiting(change)).toBe(true)
      await mode.commit()
      expect(await epochOf((await change).id)).toBe((await epochOf(before.id)) + 1)
    })

    test('a new mode waits for the changes that were routed by the old one', async () => {
      let id = ''
      const change = await held(app, async (tx) => {
        const { id: made } = await storedUser(givenStores({ ...app, db: tx }))
        id = made
      })
      const mode = owner.db.transaction(moveMode)
      expect(await isWaiting(mode)).toBe(true)
      await change.commit()
      await mode
      expect(await epochOf((await storedUser(subject)).id)).toBe((await epochOf(id)) + 1)
    })

    test('changes do not wait for each other', async () => {
      const open = await held(app, (tx) => storedUser(givenStores({ ...app, db: tx })))
      // A statement that waited for the lock would be cancelled by the database.
      expect((await storedUser(subject)).version).toBe(1)
      await open.commit()
    })

    const rename = (user: User, stores = subject) =>
      updatedUser(stores, user, { displayName: crypto.randomUUID() as DisplayName })
    const storedUsers = (count: number) =>
      Promise.all(Array.from({ length: count }, () => storedUser(subject)))

    test('sixteen profiles that are changed at once are a few commits', async () => {
      const users = await storedUsers(16)
      const changed = await Promise.all(users.map((user) => rename(user)))
      const answer = await owner.db.execute(sql`
        select count(*)::integer as changes, count(distinct xid)::integer as commits from outbox_events
        where version = 2 and user_id = any (${array(changed.map(({ id }) => id))}::uuid[])`)
      const [counted] = rowsOf<{ changes: number; commits: number }>(answer)
      expect(counted?.changes).toBe(16)
      // Two, unless the machine took more than 5 ms to make the calls.
      expect(counted?.commits).toBeLessThan(5)
    })

    test('a user whom somebody else changes holds up no other user whose profile changes at the same time', async () => {
      const users = await storedUsers(16)
      const locked = users[7] as User
      const lock = await held(owner, (tx) => rename(locked, givenStores({ ...owner, db: tx })))
      let answered = 0
      const changes = users.map(async (user) => {
        const changed = await rename(user)
        answered += 1
        return changed
      })
      // The change of the locked user would be cancelled after 2 s. A test that fails lets go of it before.
      const others = await timed(Promise.all(changes.filter((_, index) => index !== 7)))
      expect(others.fault).toBeNull()
      expect(answered).toBe(15)
      // Caught before the commit: the refusal may come before the answer to the commit does.
      const refusal = changes[7]?.catch(String)
      await lock.commit()
      expect(await refusal).toBe('Error: stale')
      expect((await subject.stores.users.find(locked.id))?.version).toBe(2)
    })

    test('profile changes that wait for a new mode hold no user, so that a rebase cannot deadlock with them', async () => {
      const users = await storedUsers(8)
      const mode = await held(owner, moveMode)
      const changes = Promise.all(users.map((user) => rename(user)))
      expect(await isWaiting(changes)).toBe(true)
      const ids = array(users.map(({ id }) => id))
      const free = await owner.db.execute(
        sql`select id from users where id = any (${ids}::uuid[]) for update skip locked`,
      )
      expect(rowsOf(free)).toHaveLength(8)
      await mode.commit()
      expect((await changes).map(({ version }) => version)).toEqual(Array(8).fill(2))
    })

    test('profile changes of the same users at two instances, deletions and new modes end without a deadlock', async () => {
      for (let round = 0; round < 20; round += 1) {
        const users = await storedUsers(12)
        const admins = await Promise.all([
          storedUser(subject, { role: 'admin' }),
          storedUser(subject, { role: 'admin' }),
        ])
        const everybody = [...users, ...admins]
        const ended = await Promise.allSettled([
          ...everybody.map((user) => rename(user)),
          owner.db.transaction(moveMode),
          ...everybody.toReversed().map((user) => rename(user, other)),
          other.transact(async (stores) => {
            await stores.users.lockActiveAdmins()
            return stores.users.remove(admins[0], announcement())
          }),
          ...users.slice(0, 3).map((user) => other.stores.users.remove(user, announcement())),
        ])
        const faults = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
        // The helper throws this for the one of two changes that came second.
        expect(faults.filter((fault) => !String(fault).includes('stale'))).toEqual([])
        // Other tests count administrators.
        for (const { id } of admins) {
          const left = await subject.stores.users.find(id)
          if (left !== null) await subject.stores.users.remove(left, announcement())
        }
      }
    }, 60_000)

    test('a tail of the ledger waits for a transaction that commits late, and misses nothing', async () => {
      const start = (await readAll(null)).next
      let late = ''
      const open = await held(app, async (tx) => {
        late = (await storedUser(givenStores({ ...app, db: tx }))).id
      })
      const early = await storedUser(subject)
      const meanwhile = await readAll(start)
      expect(meanwhile.users).toEqual([])
      await open.commit()
      // Another transaction of this server may hold back the tail once more.
      await eventually('both', 20, async () =>
        expect<string[]>((await readAll(meanwhile.next)).users).toEqual([late, early.id]),
      )
    })

    test('a caller that waits too long for a row gets `Unavailable`, and can go on', async () => {
      const user = await storedUser(subject)
      const lock = await held(owner, (tx) =>
        tx.execute(sql`select from users where id = ${user.id}::uuid for update`),
      )
      const { fault, seconds } = await timed(updatedUser(subject, user, { isActive: false }))
      expect(fault).toBeInstanceOf(Unavailable)
      expect(seconds).toBeLessThan(3)
      await lock.commit()
      expect((await updatedUser(subject, user, { isActive: false })).version).toBe(2)
    })

    test('the upkeep of partitions does not wait long for a reader, and a writer behind it does not either', async () => {
      await owner.db.execute(sql`select make_day_partition('outbox_events', '2020-01-01'::date)`)
      const reader = await held(owner, (tx) => tx.execute(sql`select count(*) from outbox_events`))
      const upkeep = timed(subject.maintenance.keepPartitions(new Date()))
      expect(await isWaiting(upkeep)).toBe(true)
      const writer = await timed(storedUser(subject))
      expect(writer.fault).toBeNull()
      expect(writer.seconds).toBeLessThan(1.5)
      const { fault, seconds } = await upkeep
      expect(fault).toBeInstanceOf(Unavailable)
      expect(seconds).toBeLessThan(2)
      await reader.commit()
      await subject.maintenance.keepPartitions(new Date())
      const old = sql`select to_regclass('outbox_events_20200101') as found`
      expect(rowsOf(await owner.db.execute(old))[0]).toEqual({ found: null })
    })

    test('two instances that claim leases at once never hold the same shard, and share all of them', async () => {
      for (let round = 0; round < 20; round += 1) {
        const holdings = await Promise.all([subject.leases.keep('a'), other.leases.keep('b')])
        const shards = holdings.flatMap(({ held }) => held.map(({ shard }) => shard))
        expect(new Set(shards).size).toBe(shards.length)
        if (round > 0) expect(shards).toHaveLength(SHARDS)
        const [first] = holdings
        if (round % 2 === 1)
          await subject.leases.handBack(
            'a',
            first.held.slice(-3).map(({ shard }) => shard),
          )
      }
    })

    test('of a hundred registrations of one address at two instances one succeeds [RG4]', async () => {
      const services = [await givenUseCases(app, UNLIMITED), await givenUseCases(owner, UNLIMITED)]
      const { email } = newRegistration()
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => services)
          .flat()
          .map((service) => service.registerUser(newRegistration({ email }), newClient())),
      )
      const kinds = outcomes.map((outcome) => (outcome.ok ? 'made' : outcome.refusal.kind))
      expect(kinds.filter((kind) => kind === 'made')).toHaveLength(1)
      expect(kinds.filter((kind) => kind === 'email-taken')).toHaveLength(99)
      expect(services.map((service) => service.commits()).toSorted()).toEqual([0, 1])
    }, 30_000)

    test('a rebase sees the change of a transaction that was open when it began [PR2]', async () => {
      const user = await storedUser(subject)
      const [locked, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const leaving = subject.transact(async ({ credentials, users }) => {
        await credentials.lock(user.id)
        locked.resolve()
        await begun.promise
        await users.remove(user, announcement())
        return ok(null)
      })
      await locked.promise
      await owner.db.execute(sql`update relay_leases set owner = null`)
      await owner.db.execute(sql`delete from relay_instances`)
      const start = await other.rebases.begin()
      begun.resolve()
      await leaving
      if (start === null) throw new Error('an instance is serving')
      const nextEventId = () => crypto.randomUUID() as EventId
      expect(await other.rebases.raiseVersions(start, 1_000_000, [], nextEventId)).toEqual(
        fail({ kind: 'still-serving' }),
      )
    })

    test('a hundred parallel refreshes of one token make one successor for all [SE3]', async () => {
      const service = await givenUseCases(app, UNLIMITED)
      let { refreshToken: present } = (await registered(service)).tokens
      for (let round = 0; round < 10; round += 1) {
        const outcomes = await Promise.all(
          Array.from({ length: 100 }, () =>
            service.refreshSession(present, newClient().addressPrefix),
          ),
        )
        const successors = new Set(outcomes.map((outcome) => granted(outcome).refreshToken))
        expect(successors.size).toBe(1)
        present = [...successors].join()
        await service.pass(60)
      }
      expect(service.measurements.count('refresh rotated')).toBe(10)
    }, 30_000)

    test('of two administrators who leave at once, at two instances, one stays [AZ4]', async () => {
      const services = [
        await givenUseCases(app, UNLIMITED),
        await givenUseCases(owner, UNLIMITED),
      ] as const
      let last = await administrator(services[0])
      for (let round = 0; round < 50; round += 1) {
        const pair = [last, await administrator(services[1])] as const
        const outcomes = await Promise.all([
          services[0].deleteAccount(pair[0].caller, null),
          services[1].deleteAccount(pair[1].caller, null),
        ])
        expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
        last = outcomes[0].ok ? pair[1] : pair[0]
      }
      expect(await services[0].readProfile(last.caller)).not.toBeNull()
    }, 60_000)
  })
}
