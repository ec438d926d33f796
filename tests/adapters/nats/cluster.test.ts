import { beforeAll, describe, expect, test } from 'bun:test'
import { makeEventStreams } from '../../../src/adapters/nats/streams/event-streams.ts'
import { userEventStreams } from '../../../src/adapters/nats/streams/user-event-streams.ts'
import type { StreamReport } from '../../../src/domain/events/stream-report.ts'
import {
  givenPublisher,
  outcomeOf,
  SUBJECTS,
} from '../../support/builders/events/given-publisher.ts'
import {
  givenMessage,
  storedMessages,
  withJetStream,
} from '../../support/builders/events/stored-messages.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { givenNatsCluster } from '../../support/servers/nats/given-nats.ts'
import type { NatsCluster } from '../../support/servers/nats/start-nats-cluster.ts'

let cluster: NatsCluster
beforeAll(async () => {
  cluster = await givenNatsCluster()
}, 120_000)

const connection = () => ({ servers: cluster.url.split(',').map((url) => new URL(url).host) })

const leaderOf = async (stream: string) => {
  const info = await withJetStream(connection(), ({ streams }) => streams.info(stream))
  const leader = cluster.nodes.find(({ name }) => name === info.cluster?.leader)
  if (leader === undefined) throw new Error('no leader')
  return leader
}

describe('a stream on three servers', () => {
  test('outlives its leader: nothing acknowledged is lost and nothing is stored twice', async () => {
    const given = await givenPublisher(cluster.url)
    const streams = makeEventStreams({
      nats: given.nats,
      streams: userEventStreams(SUBJECTS, 3),
      provision: 'apply',
      log: () => {},
    })
    const untilCurrent = (replicas: number) =>
      until(`${replicas} replicas`, async () => currentOf(await streams.verify()) === replicas, 30)
    const deliver = (id: string) => {
      const publish = () => given.publisher.publish('user.events', givenMessage(id))
      return until(`stored ${id}`, async () => typeof (await outcomeOf(publish())) === 'object', 30)
    }
    const ids = Array.from({ length: 40 }, (_, number) => `id-${number}`)

    await untilCurrent(3)
    const leader = await leaderOf('USER_EVENTS')
    for (const id of ids.slice(0, 20)) await deliver(id)
    await leader.kill()
    for (const id of ids.slice(20)) await deliver(id)
    await untilCurrent(2)
    expect(streams.isReady()).toBe(true)

    await leader.start()
    await untilCurrent(3)
    const stored = await storedMessages(connection(), 'USER_EVENTS')
    expect(stored.map(({ headers }) => headers['Nats-Msg-Id'])).toEqual(ids)
    await given.close()
  }, 120_000)
})

const currentOf = ([events]: readonly StreamReport[]): number | undefined =>
  events?.status?.replicasCurrent
