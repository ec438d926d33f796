import type { Email } from '../../src/domain/accounts/email.ts'
import type { User } from '../../src/domain/accounts/user.ts'
import type { Username } from '../../src/domain/accounts/username.ts'
import { Unavailable } from '../../src/domain/shared/unavailable.ts'
import { storedUser, updatedUser } from '../../tests/support/builders/accounts/stored-users.ts'
import { givenWriters } from '../../tests/support/builders/events/given-writers.ts'
import { serveChanges } from '../load/open-model.ts'

// Commits changes at a constant rate (see load/open-model.ts), as the service does: each with its event, but without HTTP. It
// does not signal the relay, which has to find the events by itself.

/** The argument of this program, as JSON. */
export type WriterOptions = {
  readonly databaseUrl: string
  readonly rate: number
  readonly users: number
}

const { databaseUrl, rate, users: count }: WriterOptions = JSON.parse(process.argv[2] ?? '')
const { stores, close } = givenWriters({ environment: { DATABASE_URL: databaseUrl } })

// Makes the usernames different from those of an earlier writer on the same database.
const tag = crypto.randomUUID().slice(0, 8)
const users: User[] = []
while (users.length < count) {
  const name = `${tag}${users.length}`
  const fields = { email: `${name}@bench.example` as Email, username: name as Username }
  users.push(await storedUser({ stores }, fields))
}
// The last change of each user. The next change of the same user waits for it.
const lastChanges = users.map((user) => Promise.resolve(user))

const RETRY_PAUSE_MS = 10

/** Tries again when the queue to the database is full, as a client does after a 503. */
const commit = async (user: User): Promise<User> => {
  try {
    return await updatedUser({ stores }, user, { isActive: !user.isActive })
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
    return commit(user)
  }
}

const change = (turn: number): Promise<User> => {
  const place = turn % users.length
  const changed = (
    lastChanges[place] ?? Promise.reject(new Error('there are no users to change'))
  ).then(commit)
  lastChanges[place] = changed
  return changed
}

let turns = 0

// Opens all connections, and prepares the statement on each.
const WARM_UP = { inParallel: 20, times: 25 }
for (let time = 0; time < WARM_UP.times; time += 1) {
  await Promise.all(Array.from({ length: WARM_UP.inParallel }, (_, index) => change(turns + index)))
  turns += WARM_UP.inParallel
}

await serveChanges(rate, () => {
  turns += 1
  return change(turns)
})
await close()
process.exit(0)
