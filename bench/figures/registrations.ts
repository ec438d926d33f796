import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'

/** One hash, one user, one event and one session each. */
export const registrations = (stage: Stage): Figure => ({
  name: 'registrations',
  unit: 'per second',
  rounds: 9,
  ours: { name: 'POST /v1/auth/register', open: call('register', stage.service.url) },
  beside: [
    {
      name: 'argon2id alone, one in flight a core',
      open: bareWork(stage, 'hashes'),
      atLeast: null,
    },
  ],
  atMost: null,
})
