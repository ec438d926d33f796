import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { addressOf, bareAddress } from './addresses.ts'

/** The token check, the guard, the log line and the metrics, beside the one query that both sides make. */
export const profileReads = (stage: Stage): Figure => ({
  name: 'profile reads',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'GET /v1/users/me', open: call('read-profile', addressOf(stage)) },
  beside: [
    {
      name: 'a bare route with one indexed SELECT',
      open: call('get', bareAddress(stage, '/users/one')),
      atLeast: 0.6,
    },
    {
      name: 'the same route through our pool, with the statement built once',
      open: call('get', bareAddress(stage, '/users/one/pooled')),
      atLeast: null,
    },
  ],
  floor: null,
  atMost: null,
})
