import { describe, expect, test } from 'bun:test'
import type { ClusterInfo, PeerInfo, StreamConfig } from 'nats'
import { DiscardPolicy } from 'nats'
import {
  compareStream,
  covers,
  currentCount,
} from '../../../src/adapters/nats/streams/compare-stream.ts'
import {
  configurationOf,
  userEventStreams,
} from '../../../src/adapters/nats/streams/user-event-streams.ts'

const [WANTED] = userEventStreams(['user.events'], 3)

const config = (settings: Partial<StreamConfig> = {}): StreamConfig => ({
  max_consumers: -1,
  sealed: false,
  first_seq: 0,
  discard_new_per_subject: false,
  allow_rollup_hdrs: false,
  deny_delete: false,
  deny_purge: false,
  allow_direct: false,
  mirror_direct: false,
  ...configurationOf(WANTED),
  ...settings,
})

const peer = (state: Partial<PeerInfo> = {}): PeerInfo => ({
  name: 'n',
  current: true,
  offline: false,
  active: 0,
  lag: 0,
  ...state,
})
const cluster = (...replicas: PeerInfo[]): ClusterInfo => ({ name: 'c', leader: 'n1', replicas })

const sentences = (settings: Partial<StreamConfig>, of: ClusterInfo | undefined) => {
  const found = { config: config(settings), ...(of && { cluster: of }) }
  return compareStream(found, WANTED).map(({ sentence }) => sentence)
}

describe('replicas', () => {
  test('are no more than there are servers, whatever the configuration says', () => {
    expect(sentences({}, undefined)).toEqual(['num_replicas is 3 on 1 server and must be 3'])
    expect(sentences({}, cluster(peer()))).toEqual(['num_replicas is 3 on 2 servers and must be 3'])
  })

  test('that are away for a while do not stop the others', () => {
    const oneDown = cluster(peer(), peer({ current: false, offline: true }))
    expect(sentences({}, oneDown)).toEqual([])
    expect(currentCount(oneDown)).toBe(2)
  })

  test('count while they hold everything, the leader included', () => {
    expect(currentCount(undefined)).toBe(1)
    expect(currentCount(cluster(peer(), peer()))).toBe(3)
    expect(currentCount(cluster(peer({ current: false, lag: 9 }), peer()))).toBe(2)
    expect(currentCount({ ...cluster(peer({ offline: true }), peer()), leader: '' })).toBe(1)
  })
})

test('discarding old messages instead of refusing new ones can be corrected', () => {
  const [difference] = compareStream(
    { config: config({ discard: DiscardPolicy.Old }), cluster: cluster(peer(), peer()) },
    WANTED,
  )
  expect(difference).toMatchObject({
    sentence: 'discard is old and must be new',
    correction: { discard: 'new' },
  })
})

describe('a subject', () => {
  test.each([
    ['user.events', 'user.events'],
    ['user.*', 'user.events'],
    ['user.>', 'user.events.v1'],
    ['>', 'user.events'],
    ['direct.user.events.*', 'direct.user.events.*'],
    ['direct.>', 'direct.user.events.*'],
  ])('%s covers %s', (pattern, subject) => {
    expect(covers(pattern, subject)).toBe(true)
  })

  test.each([
    ['user.events.*', 'user.events'],
    ['user.events.>', 'user.events'],
    ['user.events', 'user.events.v1'],
    ['user.*', 'user.events.v1'],
    ['user.events.v1', 'user.events.*'],
    ['user.events.*', 'user.events.>'],
  ])('%s does not cover %s', (pattern, subject) => {
    expect(covers(pattern, subject)).toBe(false)
  })
})
