import { describe, expect, test } from 'bun:test'
import { pause } from '../../../../src/adapters/platform/pause.ts'
import type { Redis } from '../../../../src/adapters/redis/open-redis.ts'
import { makeRedisSignals } from '../../../../src/adapters/redis/redis-signals.ts'
import type { ReceivedSignal } from '../../../../src/ports/driven/operations/signals.ts'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import { atTheEnd } from '../../../support/processes/test-run/at-the-end.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'
import { givenRedis } from '../../../support/servers/redis/given-redis.ts'
import { openedRedis } from '../../../support/servers/redis/opened-redis.ts'
import { signalsContract } from './signals.contract.ts'

const { url, prefix } = await givenRedis()
let opened = 0
const openOn = async (redis: Redis) => {
  const signals = makeRedisSignals({ redis, pause, monotonic: () => performance.now() })
  atTheEnd(signals.close)
  await eventually('listening', 5, () => expect(signals.isListening()).toBe(true))
  return signals
}
const openRedis = (keyPrefix = `${prefix}${opened++}:`) => openedRedis(url, { keyPrefix })

signalsContract('Redis', async () => openOn((await openRedis()).redis))

describe('signals over Redis', () => {
  test('reach other instances of the same installation, and no others', async () => {
    const [here, there, elsewhere] = await Promise.all([
      openRedis(`${prefix}a:`),
      openRedis(`${prefix}a:`),
      openRedis(`${prefix}b:`),
    ])
    const announcer = await openOn(here.redis)
    const heard: string[] = []
    ;(await openOn(there.redis)).listen(({ kind }) => heard.push(`there ${kind}`))
    ;(await openOn(elsewhere.redis)).listen(({ kind }) => heard.push(`elsewhere ${kind}`))
    await announcer.announce({ kind: 'user-changed', userId: givenUserId(1) })
    await announcer.announce({ kind: 'shards-freed' })
    await eventually('what the other announced', 5, () =>
      expect(heard).toEqual(['there user-changed', 'there shards-freed']),
    )
  })

  test('that say the same and are announced at once are received once', async () => {
    const signals = await openOn((await openRedis()).redis)
    const heard: ReceivedSignal[] = []
    signals.listen((signal) => heard.push(signal))
    const changes = [1, 2, 1, 2, 1].map((user) => givenUserId(user))
    await Promise.all(changes.map((userId) => signals.announce({ kind: 'user-changed', userId })))
    await signals.announce({ kind: 'shards-freed' })
    await eventually('all that was announced', 5, () =>
      expect(heard).toEqual([
        { kind: 'user-changed', userId: givenUserId(1) },
        { kind: 'user-changed', userId: givenUserId(2) },
        { kind: 'shards-freed' },
      ]),
    )
  })

  test('that are announced while others are being sent are sent too', async () => {
    const { redis } = await openRedis()
    const answered = Promise.withResolvers<void>()
    // The server has received the first signals, and its answer is late.
    const signals = await openOn({
      ...redis,
      run: async (command) => {
        const answer = await redis.run(command)
        await answered.promise
        return answer
      },
    })
    const heard: ReceivedSignal['kind'][] = []
    signals.listen(({ kind }) => heard.push(kind))
    const first = signals.announce({ kind: 'shards-freed' })
    await eventually('the first', 5, () => expect(heard).toEqual(['shards-freed']))
    const second = signals.announce({ kind: 'mode-changed' })
    answered.resolve()
    await Promise.all([first, second])
    await eventually('the second', 5, () => expect(heard).toEqual(['shards-freed', 'mode-changed']))
  })

  test('are not believed for longer than a second after the last answer, as when this process was paused', async () => {
    const { redis } = await openRedis()
    let paused = 0
    const signals = makeRedisSignals({ redis, pause, monotonic: () => performance.now() + paused })
    atTheEnd(signals.close)
    await eventually('listening', 5, () => expect(signals.isListening()).toBe(true))
    paused = 1000
    expect(signals.isListening()).toBe(false)
    await eventually('listening again', 5, () => expect(signals.isListening()).toBe(true))
  })

  test('end with close only when their connection is watched no longer', async () => {
    const { redis } = await openRedis()
    const resting = Promise.withResolvers<void>()
    const signals = makeRedisSignals({
      redis,
      pause: () => resting.promise,
      monotonic: () => performance.now(),
    })
    let isClosed = false
    const closed = signals.close().then(() => {
      isClosed = true
    })
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    resting.resolve()
    await closed
  })

  test('begin with the signal that earlier ones were missed', async () => {
    const { redis } = await openRedis()
    const signals = makeRedisSignals({ redis, pause, monotonic: () => performance.now() })
    const states: [ReceivedSignal['kind'], boolean][] = []
    signals.listen(({ kind }) => states.push([kind, signals.isListening()]))
    await eventually('listening', 5, () => expect(signals.isListening()).toBe(true))
    expect(states).toEqual([['signals-missed', false]])
    await signals.close()
  })

  test.each([
    '',
    'null',
    '[]',
    '{',
    '"user-changed"',
    '{"kind":"of a later release"}',
    '{"kind":"user-changed","userId":"admin"}',
    '{"kind":"session-changed"}',
    '{"kind":"events-waiting","shards":"all"}',
    '{"kind":"events-waiting","shards":[1.5]}',
    '{"kind":"signals-missed"}',
  ])('are nothing else that others may publish: %p', async (message) => {
    const { redis } = await openRedis()
    const signals = await openOn(redis)
    const heard: ReceivedSignal[] = []
    signals.listen((signal) => heard.push(signal))
    await redis.run((client) => client.publish(redis.keys.signals, message))
    await signals.announce({ kind: 'shards-freed' })
    await eventually('what makes sense', 5, () => expect(heard).toEqual([{ kind: 'shards-freed' }]))
  })
})
