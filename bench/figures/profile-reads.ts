import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'

/** The token check, the guard, the log line and the metrics, beside the one query that both sides make. */
export const profileReads = ({ service, bare }: Stage): Figure => ({
  name: 'profile reads',
  unit: 'per second',
  rounds: 9,
  ours: { name: 'GET /v1/users/me', open: call('read-profile', service.url) },
  beside: [
    {
      name: 'a bare route with one indexed SELECT',
      open: call('get', `${bare.url}/users/one`),
      atLeast: 0.6,
    },
    {
      name: 'the same, its statement built once',
      open: call('get', `${bare.url}/users/one/prepared`),
      atLeast: null,
    },
  ],
  atMost: null,
})
