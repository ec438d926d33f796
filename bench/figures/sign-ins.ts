import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import { closingToo } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork, newDataDirectory, registerAccount, startEmbedded } from '../stage.ts'
import { addressOf, bareAddress } from './addresses.ts'

/** argon2id fills the cores, so everything else that a sign-in does shows as a distance from the library alone. */
export const signIns = (stage: Stage): Figure => ({
  name: 'sign-ins',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/login', open: call('sign-in', addressOf(stage)) },
  beside: [
    {
      name: 'a bare route that verifies one hash',
      open: call('post-password', bareAddress(stage, '/verify')),
      atLeast: 0.85,
    },
    {
      name: 'argon2id alone, one hash at a time per core',
      open: bareWork(stage, 'hashes'),
      atLeast: null,
    },
  ],
  floor: null,
  atMost: null,
})

/** The same on embedded parts, where the database shares the thread of the service. */
export const embeddedSignIns = (stage: Stage): Figure => ({
  name: 'sign-ins on embedded parts',
  unit: 'per second',
  rounds: 5,
  ours: {
    name: 'POST /v1/auth/login',
    open: async () => {
      const service = await startEmbedded(newDataDirectory())
      await registerAccount(service)
      return closingToo(await call('sign-in', async () => service.url)(), service.stop)
    },
  },
  beside: [
    {
      name: 'argon2id alone, one hash at a time per core',
      open: bareWork(stage, 'hashes'),
      atLeast: 0.6,
    },
  ],
  floor: null,
  atMost: null,
})
