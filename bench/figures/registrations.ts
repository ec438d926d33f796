import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'
import { addressOf, bareAddress } from './addresses.ts'

/** One hash, one user, one event and one session each. */
export const registrations = (stage: Stage): Figure => ({
  name: 'registrations',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/register', open: call('register', addressOf(stage)) },
  beside: [
    {
      name: 'a bare route that makes one hash',
      open: call('post-password', bareAddress(stage, '/hash')),
      atLeast: 0.8,
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
