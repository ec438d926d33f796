import { call } from '../callers/call.ts'
import type { Figure } from '../figure.ts'
import { openSite } from '../site.ts'
import type { Stage } from '../stage.ts'
import { bareWork } from '../stage.ts'
import { addressOf } from './addresses.ts'

const HAND_WRITTEN = 'BEGIN, the same statements one by one, COMMIT, without HTTP'

/**
 * Each is committed together with its event and what is owed. Nobody delivers, on either side: what the relay takes is
 * another figure, and the next one shows both at once. Measured before there is an instance that delivers.
 */
export const userUpdates = (stage: Stage): Figure => ({
  name: 'user updates with their event',
  unit: 'per second',
  rounds: 7,
  ours: {
    name: 'PATCH /v1/users/me, ROLE=api',
    open: async () => {
      const site = await openSite(stage.servers, 1, 'answering')
      const service = await site.start({ ROLE: 'api' })
      const { measure, close } = await call('change-profile', async () => service.url)()
      return {
        measure,
        close: async () => {
          await close()
          await service.stop()
          await site.sql.end()
        },
      }
    },
  },
  beside: [{ name: HAND_WRITTEN, open: bareWork(stage, 'transactions'), atLeast: 0.6 }],
  floor: null,
  atMost: null,
})

/** The same while the relay of the same instance delivers what has been committed. */
export const deliveredUserUpdates = (stage: Stage): Figure => ({
  name: 'user updates, delivered at the same time',
  unit: 'per second',
  rounds: 7,
  ours: { name: 'PATCH /v1/users/me, ROLE=all', open: call('change-profile', addressOf(stage)) },
  beside: [{ name: HAND_WRITTEN, open: bareWork(stage, 'transactions'), atLeast: null }],
  floor: null,
  atMost: null,
})
