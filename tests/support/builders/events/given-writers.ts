import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { makeStores } from '../../../../src/adapters/postgres/stores.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { postgresAt } from '../../servers/addresses.ts'
import { announcement, storedUser, updatedUser } from '../accounts/stored-users.ts'
import type { Site } from '../service/given-site.ts'

const SIDE_BY_SIDE = 8

/** Changes users of a site without the cost of passwords and sessions; `close` lets the database go. */
export const givenWriters = ({ environment }: Pick<Site, 'environment'>) => {
  const url = environment['DATABASE_URL'] ?? ''
  const database = openPostgres({ address: postgresAt(url), applicationName: 'writers' })
  const stores = makeStores(database, {
    channels: ['nats:user.events'],
    traceId: () => null,
    onCommitted: () => {},
    monotonic: () => performance.now(),
  })
  const insert = async (count: number): Promise<User[]> => {
    const users: User[] = []
    const add = async () => {
      while (users.length < count) users.push(await storedUser({ stores }))
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, add))
    return users
  }
  /** One more change: mostly an update, now and then a deletion or a registration. */
  const change = async (users: User[], turn: number): Promise<void> => {
    const place = (turn * 7919) % users.length
    const user = users[place]
    if (user === undefined) throw new Error('nobody is left')
    if (turn % 10 === 3) users.push(await storedUser({ stores }))
    else if (turn % 10 === 7) {
      users.splice(place, 1)
      await stores.users.remove(user, announcement())
    } else users[place] = await updatedUser({ stores }, user, { isActive: !user.isActive })
  }
  /** Changes so many times a second, until `stop`, which answers how many times that was. */
  const keepChanging = (users: User[], perSecond: number) => {
    const began = performance.now()
    let turns = 0
    let goesOn = true
    const run = async () => {
      while (goesOn) {
        await change(users, turns)
        turns += 1
        await Bun.sleep(Math.max(0, began + (turns * 1000) / perSecond - performance.now()))
      }
    }
    const running = run()
    return {
      stop: async (): Promise<number> => {
        goesOn = false
        await running
        return turns
      },
    }
  }
  return { stores, insert, keepChanging, close: database.close }
}
