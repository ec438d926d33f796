import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'
import { addressOf } from './addresses.ts'

/** A read, a budget, a conditional update and two tokens. */
export const refreshes = (stage: Stage): Figure => ({
  name: 'refreshes',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'POST /v1/auth/refresh', open: call('refresh', addressOf(stage)) },
  beside: [
    {
      name: 'UPDATE … RETURNING alone, without HTTP, through the same pool',
      open: bareWork(stage, 'updates'),
      atLeast: 0.4,
    },
  ],
  floor: null,
  atMost: null,
})
