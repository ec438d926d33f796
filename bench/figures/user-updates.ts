import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import { closingToo } from '../figure.ts'
import { openSite } from '../site.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'
import { addressOf } from './addresses.ts'

/** Beside the statements that one would write by hand, which nobody delivers after. */
const besideHandWritten = (stage: Stage, atLeast: number | null) =>
  ({
    unit: 'per second',
    rounds: 7,
    beside: [
      {
        name: 'BEGIN, the same statements one by one, COMMIT, without HTTP',
        open: bareWork(stage, 'transactions'),
        atLeast,
      },
    ],
    floor: null,
    atMost: null,
  }) as const

/**
 * Each is committed together with its event and what is owed. Nobody delivers, on either side: what the relay takes is
 * another figure, and the next one shows both at once. Measured before there is an instance that delivers.
 */
export const userUpdates = (stage: Stage): Figure => ({
  ...besideHandWritten(stage, 0.6),
  name: 'user updates with their event',
  ours: {
    name: 'PATCH /v1/users/me, ROLE=api',
    open: async () => {
      const site = await openSite(stage.servers, 1, 'answering')
      const service = await site.start({ ROLE: 'api' })
      return closingToo(await call('change-profile', async () => service.url)(), async () => {
        await service.stop()
        await site.sql.end()
      })
    },
  },
})

/** The same while the relay of the same instance delivers what has been committed. */
export const deliveredUserUpdates = (stage: Stage): Figure => ({
  ...besideHandWritten(stage, null),
  name: 'user updates with delivery in the same process',
  ours: { name: 'PATCH /v1/users/me, ROLE=all', open: call('change-profile', addressOf(stage)) },
})
