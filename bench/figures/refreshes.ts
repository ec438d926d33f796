import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'

/** A read, a conditional update and two tokens. */
export const refreshes = (stage: Stage): Figure => ({
  name: 'refreshes',
  unit: 'per second',
  rounds: 9,
  ours: { name: 'POST /v1/auth/refresh', open: call('refresh', stage.service.url) },
  beside: [
    {
      name: 'UPDATE … RETURNING alone',
      open: bareWork(stage, 'updates'),
      atLeast: null,
    },
  ],
  atMost: null,
})
