import { createInterface } from 'node:readline'
import { Unavailable } from '../../src/domain/unavailable.ts'
import type { User } from '../../src/domain/user.ts'
import { updatedUser } from '../../tests/support/stored-users.ts'
import { givenWriters } from '../../tests/support/writers.ts'

// Changes as the service commits them, each with its event, without HTTP before it. Load of the open model: a change begins
// when its time has come, whatever became of those before. For each line, a number of milliseconds, it commits for so
// long, and writes how many.
// It rings no bell of a relay, which has to find them by itself.

export type WriterOrder = {
  readonly databaseUrl: string
  readonly rate: number
  readonly users: number
}

const { databaseUrl, rate, users: count }: WriterOrder = JSON.parse(process.argv[2] ?? '')
const { stores, insert, close } = givenWriters({ environment: { DATABASE_URL: databaseUrl } })

// Side by side they may become a few more.
const users = (await insert(count)).slice(0, count)
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

const TICK_MS = 2
let turns = 0

// All connections, and the statement known on each.
const WARM_UP = { atOnce: 20, times: 25 }
for (let time = 0; time < WARM_UP.times; time += 1) {
  await Promise.all(Array.from({ length: WARM_UP.atOnce }, (_, index) => change(turns + index)))
  turns += WARM_UP.atOnce
}

const round = async (milliseconds: number): Promise<number> => {
  const began = performance.now()
  const due: Promise<User>[] = []
  const total = Math.round((milliseconds / 1000) * rate)
  while (due.length < total) {
    const elapsed = performance.now() - began
    while (due.length < Math.min(total, (elapsed / 1000) * rate)) {
      due.push(change(turns))
      turns += 1
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return (await Promise.all(due)).length
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await round(Number(line)))
await close()
process.exit(0)
