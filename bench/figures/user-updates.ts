import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'
import { addressOf } from './addresses.ts'

/** Each is committed together with its event and what is owed, while the relay delivers what has been. */
export const userUpdates = (stage: Stage): Figure => ({
  name: 'user updates with their event',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'PATCH /v1/users/me', open: call('change-profile', addressOf(stage)) },
  beside: [
    {
      name: 'BEGIN, the same statements one by one, COMMIT, without HTTP',
      open: bareWork(stage, 'transactions'),
      atLeast: 0.6,
    },
  ],
  floor: null,
  atMost: null,
})
