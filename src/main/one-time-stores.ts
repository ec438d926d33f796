import { makeInProcessCodeStore } from '../adapters/memory/in-process-code-store.ts'
import { makeInProcessOneTime } from '../adapters/memory/in-process-one-time.ts'
import type { Redis } from '../adapters/redis/open-redis.ts'
import { makeRedisCodeStore } from '../adapters/redis/redis-code-store.ts'
import { makeRedisOneTime } from '../adapters/redis/redis-one-time.ts'
import type { LinkTicket, SignInGrant, SignInTransaction } from '../domain/oauth/sign-in-grant.ts'
import type { CodeStore } from '../ports/driven/oauth/code-store.ts'
import type { OneTime } from '../ports/driven/oauth/one-time.ts'
import { readGrant, readTicket, readTransaction } from './kept-records.ts'
import type { ScheduledTask } from './scheduler.ts'

/** What is kept for minutes, and used once. */
export type OneTimeStores = {
  readonly transactions: OneTime<SignInTransaction>
  readonly tickets: OneTime<LinkTicket>
  readonly codes: CodeStore<SignInGrant>
  /** None where the store forgets by itself. */
  readonly sweeps: readonly ScheduledTask[]
}

const TRANSACTION_SECONDS = 600
const TICKET_SECONDS = 60
const SWEEP_SECONDS = 60

export const inRedis = (redis: Redis): OneTimeStores => ({
  transactions: makeRedisOneTime({
    ...{ redis, purpose: 'transaction', lifeSeconds: TRANSACTION_SECONDS, read: readTransaction },
  }),
  tickets: makeRedisOneTime({
    ...{ redis, purpose: 'ticket', lifeSeconds: TICKET_SECONDS, read: readTicket },
  }),
  codes: makeRedisCodeStore({ redis, readGrant }),
  sweeps: [],
})

export const inMemory = (): OneTimeStores => {
  const transactions = makeInProcessOneTime<SignInTransaction>(TRANSACTION_SECONDS)
  const tickets = makeInProcessOneTime<LinkTicket>(TICKET_SECONDS)
  const codes = makeInProcessCodeStore<SignInGrant>()
  const sweep = async () => {
    for (const store of [transactions, tickets, codes]) store.sweep()
  }
  return {
    ...{ transactions, tickets, codes },
    sweeps: [{ name: 'one-time', everySeconds: SWEEP_SECONDS, run: sweep }],
  }
}
