import { afterAll, describe, expect, test } from 'bun:test'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import {
  announcement,
  formsOf,
  stateOf,
  storedUser,
  uniqueSessionId,
  uniqueUserId,
  updatedUser,
} from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../../support/processes/timing/waking-time.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { givenPostgresServer } from '../../../support/servers/postgres/given-postgres.ts'

const server = await givenPostgresServer()
const database = openPostgres({
  address: postgresAt(server.url),
  applicationName: 'hurt',
  poolSize: 5,
})
const subject = givenStores(database)
await migrate(database)
afterAll(() => database.close())

const timed = async (work: () => Promise<unknown>) => {
  const began = wakingMilliseconds()
  const fault = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { fault, seconds: (wakingMilliseconds() - began) / 1000 }
}

/** Inserts and changes a user in one transaction. Answers the id after the commit. */
const registerAndChange = async (): Promise<UserId> => {
  const [id, state] = [uniqueUserId(), stateOf()]
  const forms = formsOf(state.username)
  const done = await subject.transact(async ({ users, credentials }) => {
    const made = await users.insert(id, state, forms, announcement())
    if (!made.ok) return made
    await credentials.setPasswordHash(id, 'hash')
    return users.update(
      made.value,
      { ...state, isActive: false },
      ['isActive'],
      forms,
      announcement(),
    )
  })
  if (!done.ok) throw new Error(done.refusal.kind)
  return id
}

/** Ten callers that go on after every fault, until the test stops them. */
const underRequests = () => {
  let isOver = false
  const faults: unknown[] = []
  const made: UserId[] = []
  let slowestSeconds = 0
  const call = async () => {
    while (!isOver) {
      const { fault, seconds } = await timed(async () => {
        await storedUser(subject)
        made.push(await registerAndChange())
      })
      if (fault !== null) {
        faults.push(fault)
        await Bun.sleep(10)
      }
      slowestSeconds = Math.max(slowestSeconds, seconds)
    }
  }
  const callers = Promise.all(Array.from({ length: 10 }, call))
  const stop = async () => {
    isOver = true
    await callers
    return { faults, made, slowestSeconds }
  }
  return { stop, made }
}

/** How many seconds it takes until a user can be stored. */
const recovery = async (): Promise<number> => {
  const began = wakingMilliseconds()
  while ((await timed(registerAndChange)).fault !== null) {
    if (wakingMilliseconds() - began > 10_000) throw new Error('no recovery within 10 s')
    await Bun.sleep(20)
  }
  return (wakingMilliseconds() - began) / 1000
}

const versionsOf = async (userId: UserId): Promise<number[]> => {
  const { entries } = (await subject.ledger.read({ after: null, userId, limit: 10 })) ?? {
    entries: [],
  }
  return entries.map(({ event }) => event.version)
}

const restarts = {
  'that is restarted': () => server.stop(),
  'that crashes and comes back': () => server.kill(),
}

describe('a server', () => {
  for (const [what, end] of Object.entries(restarts))
    test(`${what} during requests causes unavailability only, and later requests work by themselves`, async () => {
      const requests = underRequests()
      await eventually('some are served', 20, async () =>
        expect(requests.made.length).toBeGreaterThan(20),
      )
      await end()
      await eventually('the database is missed', 20, async () =>
        expect(await database.isAvailable()).toBe(false),
      )
      await Bun.sleep(300)
      await server.start()
      expect(await recovery()).toBeLessThan(10)
      expect(await database.isAvailable()).toBe(true)
      await Bun.sleep(300)
      const { faults, made, slowestSeconds } = await requests.stop()
      expect(faults.length).toBeGreaterThan(0)
      expect(faults.filter((fault) => !(fault instanceof Unavailable))).toEqual([])
      expect(slowestSeconds).toBeLessThan(6)
      for (const id of made) expect(await versionsOf(id)).toEqual([1, 2])
    }, 60_000)

  test('that is frozen makes every call fail within three seconds, and calls work again when it goes on', async () => {
    const user = await storedUser(subject)
    const session = uniqueUserId()
    await Promise.all(Array.from({ length: 5 }, () => subject.stores.users.find(user.id)))
    await server.freeze()
    const calls: (() => Promise<unknown>)[] = [
      () => subject.stores.users.find(user.id),
      () => updatedUser(subject, user, { isActive: false }),
      () => subject.stores.credentials.passwordHash(session),
      () => subject.deliveries.backlog('http:backend'),
      registerAndChange,
      () => subject.transact(async () => ok(null)),
    ]
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await Promise.all([...calls, ...calls].map(timed))
      for (const { fault, seconds } of outcomes) {
        expect(fault).toBeInstanceOf(Unavailable)
        expect(seconds).toBeLessThan(3)
      }
    }
    const asked = await timed(async () => expect(await database.isAvailable()).toBe(false))
    expect(asked.seconds).toBeLessThan(1.2)
    await server.thaw()
    expect(await recovery()).toBeLessThan(10)
    expect(await database.isAvailable()).toBe(true)
  }, 60_000)

  test('that is frozen makes hundreds of gathered changes and reads fail within four seconds, and they work again when it goes on', async () => {
    const people: User[] = []
    for (let count = 0; count < 400; count += 1) people.push(await storedUser(subject))
    const calls = people.flatMap((user) => [
      () => updatedUser(subject, user, { displayName: 'New' as DisplayName }),
      () => subject.readSessionState(uniqueSessionId()),
    ])
    await Promise.all(Array.from({ length: 5 }, () => subject.stores.users.find(uniqueUserId())))
    await server.freeze()
    const outcomes = await Promise.all(calls.map(timed))
    await server.thaw()
    for (const { fault, seconds } of outcomes) {
      expect(fault).toBeInstanceOf(Unavailable)
      expect(seconds).toBeLessThan(4)
    }
    expect(await recovery()).toBeLessThan(10)
    const [first, second, third] = people
    if (!first || !second || !third) throw new Error('no users')
    // Nobody knows which of the first changes were committed.
    for (const { id } of [first, second, third]) {
      const stored = await subject.stores.users.find(id)
      expect(await versionsOf(id)).toHaveLength(stored?.version ?? 0)
    }
    expect(await subject.readSessionState(uniqueSessionId())).toBeNull()
  }, 60_000)
})
