import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'

/** argon2id fills the cores, so everything else that a sign-in does shows as a distance from the library alone. */
export const signIns = (stage: Stage): Figure => ({
  name: 'sign-ins',
  unit: 'per second',
  rounds: 9,
  ours: { name: 'POST /v1/auth/login', open: call('sign-in', stage.service.url) },
  beside: [
    {
      name: 'argon2id alone, one in flight a core',
      open: bareWork(stage, 'hashes'),
      atLeast: 0.6,
    },
    {
      name: 'a bare route that verifies one hash',
      open: call('post-password', `${stage.bare.url}/verify`),
      atLeast: null,
    },
  ],
  atMost: null,
})
