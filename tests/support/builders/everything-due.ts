import type { Channel } from '../../../src/domain/events/user-event.ts'
import { SHARDS } from '../../../src/domain/events/user-event.ts'
import type { DueQuery } from '../../../src/ports/driven/events/deliveries.ts'

/** Everything that is due on a channel now, whichever instance holds the shards. */
export const everythingDue = (channel: Channel): DueQuery => ({
  channel,
  shards: Array.from({ length: SHARDS }, (_, shard) => shard),
  except: [],
  limit: 100,
  now: new Date(),
})
