import { describe, expect, test } from 'bun:test'
import {
  channelOf,
  SHARDS,
  shardOf,
  USER_EVENT_SUBJECTS,
} from '../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../src/domain/shared/ids.ts'
import { parseUserId } from '../../../src/domain/shared/ids.ts'

const id = (text: string): UserId => {
  const parsed = parseUserId(text)
  if (parsed === null) throw new Error('not a user id')
  return parsed
}

describe('the shard of a user', () => {
  // Consumers and stored rows depend on these: a release that moves one breaks the order of events.
  test.each([
    ['0198f3a2-0000-7000-8000-000000000001', 55],
    ['0198f3a2-0000-7000-8000-000000000002', 10],
    ['0198f3a2-7c4d-7abc-9def-0123456789ab', 16],
    ['ffffffff-ffff-8fff-bfff-ffffffffffff', 39],
    ['00000000-0000-4000-8000-000000000000', 53],
  ])('of %s is %d in every release', (text, shard) => {
    expect(shardOf(id(text))).toBe(shard)
  })

  test('spreads users who registered one after the other over all shards', () => {
    const counts = new Map<number, number>()
    for (let user = 0; user < 6400; user += 1) {
      const tail = user.toString(16).padStart(12, '0')
      const shard = shardOf(id(`0198f3a2-0000-7000-8000-${tail}`))
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    expect(counts.size).toBe(SHARDS)
    expect(Math.min(...counts.values())).toBeGreaterThan(50)
    expect(Math.max(...counts.values())).toBeLessThan(200)
  })
})

describe('the channels', () => {
  test('are named after the subjects that they deliver on', () => {
    expect<string[]>(USER_EVENT_SUBJECTS.map(channelOf)).toEqual([
      'nats:user.events',
      'nats:user.events.v1',
      'nats:user.events.v2',
    ])
  })
})
