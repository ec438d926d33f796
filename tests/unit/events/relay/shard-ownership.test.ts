import { expect, test } from 'bun:test'
import { makeShardOwnership } from '../../../../src/application/events/relay/shard-ownership.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import { singleOwner } from '../../../support/fakes/events/listed-leases.ts'
import { silentMeasurements } from '../../../support/fakes/events/relay-run.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

test('an instance that cannot hand its shards over stops all the same, and logs it', async () => {
  const { pause } = virtualTime()
  const logged: string[] = []
  const ownership = makeShardOwnership({
    leases: {
      ...singleOwner,
      leave: () => Promise.reject(new Unavailable('the database is not available')),
    },
    instance: 'only',
    monotonic: () => 0,
    pause,
    measurements: silentMeasurements,
    log: (level, event) => logged.push(`${level} ${event}`),
  })
  await ownership.leave()
  expect(logged).toEqual(['warn relay.fault'])
  expect(ownership.heldFor(1).shards()).toEqual([])
})
