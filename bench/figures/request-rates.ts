import type { TestBed } from '../installation/test-bed.ts'
import {
  bareAddress,
  bareWork,
  newDataFolder,
  registerAccount,
  serviceAddress,
  startEmbedded,
} from '../installation/test-bed.ts'
import { callersFor } from '../load/callers.ts'
import type { Baseline, Figure } from '../measurement/figure.ts'
import { alsoClosing } from '../measurement/figure.ts'

/** Hashing keeps all cores busy. So the distance from argon2id alone shows what the rest of a sign-in costs. */
export const signIns = (testBed: TestBed): Figure => ({
  name: 'sign-ins',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/login', open: callersFor('sign-in', serviceAddress(testBed)) },
  baselines: [
    {
      name: 'a bare route that verifies one hash',
      open: callersFor('post-password', bareAddress(testBed, '/verify')),
      minRatio: 0.85,
    },
    argon2Alone(testBed, null),
  ],
  min: null,
  max: null,
})

const argon2Alone = (testBed: TestBed, minRatio: number | null): Baseline => ({
  name: 'argon2id alone, one hash at a time per core',
  open: bareWork(testBed, 'hashes'),
  minRatio,
})

/** Sign-ins on embedded parts, where the database shares the thread of the service. */
export const embeddedSignIns = (testBed: TestBed): Figure => ({
  name: 'sign-ins on embedded parts',
  unit: 'per second',
  rounds: 5,
  ours: {
    name: 'POST /v1/auth/login',
    open: async () => {
      const service = await startEmbedded(newDataFolder())
      await registerAccount(service)
      const callers = await callersFor('sign-in', async () => service.url)()
      return alsoClosing(callers, service.stop)
    },
  },
  baselines: [argon2Alone(testBed, 0.6)],
  min: null,
  max: null,
})

/** A registration makes one hash, one user, one event and one session. */
export const registrations = (testBed: TestBed): Figure => ({
  name: 'registrations',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/register', open: callersFor('register', serviceAddress(testBed)) },
  baselines: [
    {
      name: 'a bare route that makes one hash',
      open: callersFor('post-password', bareAddress(testBed, '/hash')),
      minRatio: 0.8,
    },
    argon2Alone(testBed, null),
  ],
  min: null,
  max: null,
})

/** Both sides make one query. Ours also checks the token and the role, writes a log line and counts metrics. */
export const profileReads = (testBed: TestBed): Figure => ({
  name: 'profile reads',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'GET /v1/users/me', open: callersFor('read-profile', serviceAddress(testBed)) },
  baselines: [
    {
      name: 'a bare route with one indexed SELECT',
      open: callersFor('get', bareAddress(testBed, '/users/one')),
      minRatio: 0.6,
    },
    {
      name: 'the same route through our pool, with the statement built once',
      open: callersFor('get', bareAddress(testBed, '/users/one/pooled')),
      minRatio: null,
    },
  ],
  min: null,
  max: null,
})

/** A refresh makes a read, a count against the rate limit, a conditional update and two tokens. */
export const refreshes = (testBed: TestBed): Figure => ({
  name: 'refreshes',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/refresh', open: callersFor('refresh', serviceAddress(testBed)) },
  baselines: [
    {
      name: 'UPDATE … RETURNING alone, without HTTP, through the same pool',
      open: bareWork(testBed, 'updates'),
      minRatio: 0.4,
    },
  ],
  min: null,
  max: null,
})

/**
 * Each update is committed together with its event and its deliveries. Nothing is delivered on either side: the relay has
 * its own figure, and `deliveredUserUpdates` shows both at once.
 */
export const userUpdates = (testBed: TestBed): Figure => ({
  name: 'user updates with their event',
  unit: 'per second',
  rounds: 7,
  ours: {
    name: 'PATCH /v1/users/me, ROLE=api',
    open: async () => {
      const installation = await testBed.newInstallation(1, 'answering')
      const service = await installation.start({ ROLE: 'api' })
      const callers = await callersFor('change-profile', async () => service.url)()
      return alsoClosing(callers, async () => {
        await service.stop()
        await installation.sql.end()
      })
    },
  },
  baselines: [handWrittenTransaction(testBed, 0.6)],
  min: null,
  max: null,
})

/** The same updates, while the relay of the same instance delivers their events. */
export const deliveredUserUpdates = (testBed: TestBed): Figure => ({
  name: 'user updates with delivery in the same process',
  unit: 'per second',
  rounds: 7,
  ours: {
    name: 'PATCH /v1/users/me, ROLE=all',
    open: callersFor('change-profile', serviceAddress(testBed)),
  },
  baselines: [handWrittenTransaction(testBed, null)],
  min: null,
  max: null,
})

/** The same statements as one would write them by hand. Their events are not delivered. */
const handWrittenTransaction = (testBed: TestBed, minRatio: number | null): Baseline => ({
  name: 'BEGIN, the same statements one by one, COMMIT, without HTTP',
  open: bareWork(testBed, 'transactions'),
  minRatio,
})
