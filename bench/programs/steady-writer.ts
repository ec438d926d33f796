import type { Email } from '../../src/domain/accounts/email.ts'
import type { User } from '../../src/domain/accounts/user.ts'
import type { Username } from '../../src/domain/accounts/username.ts'
import { Unavailable } from '../../src/domain/shared/unavailable.ts'
import { storedUser, updatedUser } from '../../tests/support/builders/stored-users.ts'
import { givenWriters } from '../../tests/support/builders/writers.ts'
import { changeWhenAsked } from '../open-model.ts'

// Changes as the service commits them, each with its event, without HTTP before it, at a rate (see open-model.ts).
// It rings no bell of a relay, which has to find them by itself.

export type WriterOrder = {
  readonly databaseUrl: string
  readonly rate: number
  readonly users: number
}

const { databaseUrl, rate, users: count }: WriterOrder = JSON.parse(process.argv[2] ?? '')
const { stores, close } = givenWriters({ environment: { DATABASE_URL: databaseUrl } })

// Another writer may have been here before.
const tag = crypto.randomUUID().slice(0, 8)
const users: User[] = []
while (users.length < count) {
  const name = `${tag}${users.length}`
  const own = { email: `${name}@bench.example` as Email, username: name as Username }
  users.push(await storedUser({ stores }, own))
}
// Where a change of the same user is still under way, the next one comes after it.
const last = users.map((user) => Promise.resolve(user))

const REFUSED_PAUSE_MS = 10

/** Comes again when the queue to the database was full, as whoever is told 503 does. */
const commit = async (user: User): Promise<User> => {
  try {
    return await updatedUser({ stores }, user, { isActive: !user.isActive })
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS))
    return commit(user)
  }
}

const change = (turn: number): Promise<User> => {
  const place = turn % users.length
  const changed = (last[place] ?? Promise.reject(new Error('nobody is there'))).then(commit)
  last[place] = changed
  return changed
}

let turns = 0

// All connections, and the statement known on each.
const WARM_UP = { atOnce: 20, times: 25 }
for (let time = 0; time < WARM_UP.times; time += 1) {
  await Promise.all(Array.from({ length: WARM_UP.atOnce }, (_, index) => change(turns + index)))
  turns += WARM_UP.atOnce
}

await changeWhenAsked(rate, () => {
  turns += 1
  return change(turns)
})
await close()
process.exit(0)
