import { describe, expect, test } from 'bun:test'
import { EventEmitter } from 'node:events'
import { makeCircuitBreaker } from '../../../src/adapters/redis/circuit-breaker.ts'
import type { Client } from '../../../src/adapters/redis/client.ts'
import { redisKeys } from '../../../src/adapters/redis/keys.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { virtualTime } from '../../support/fakes/shared/virtual-time.ts'

/** No wait before a reconnect is longer than this. */
const LONGEST_WAIT_MS = 1000

/** A breaker in virtual time, on a client whose server the test loses and brings back. */
const given = () => {
  const time = virtualTime()
  let writes: () => Promise<unknown> = async () => 'OK'
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    set: () => writes(),
    disconnect: () => {},
  })
  const changes: boolean[] = []
  const logged: string[] = []
  const breaker = makeCircuitBreaker(
    { client: client as unknown as Client, keys: redisKeys('test:'), server: '127.0.0.1:6379' },
    {
      log: (level, event) => logged.push(`${level} ${event}`),
      pause: time.pause,
      chance: () => 0,
      onChange: (isUp) => changes.push(isUp),
    },
  )
  return {
    time,
    breaker,
    changes,
    logged,
    /** The connection ends, and no write works. */
    lose: () => {
      writes = () => Promise.reject(new Error('Connection is closed.'))
      client.status = 'close'
      client.emit('close')
    },
    /** There is a connection again. */
    connect: () => {
      client.status = 'ready'
    },
    acceptWrites: () => {
      writes = async () => 'OK'
    },
  }
}

const noAnswer = () => Promise.reject(new Error('Command timed out'))

describe('the circuit breaker of Redis', () => {
  test('opens at the first fault, refuses every command at once, and closes after a write that works', async () => {
    const { breaker, time, changes, logged, acceptWrites, lose, connect } = given()
    lose()
    connect()
    let asked = 0
    const ask = async () => {
      asked += 1
    }
    await expect(breaker.run(ask)).rejects.toBeInstanceOf(Unavailable)
    await time.advance(10 * LONGEST_WAIT_MS)
    expect([breaker.isUp(), asked]).toEqual([false, 0])
    acceptWrites()
    await time.advance(LONGEST_WAIT_MS)
    expect(breaker.isUp()).toBe(true)
    await breaker.run(ask)
    expect(asked).toBe(1)
    expect(changes).toEqual([false, true])
    expect(logged).toEqual(['warn redis.lost', 'info redis.back'])
  })

  test('stays closed when a command fails that was sent before the latest opening', async () => {
    const { breaker, time, changes, acceptWrites, lose, connect } = given()
    let fail = (_: Error): void => {}
    const command = breaker.run(
      () =>
        new Promise((_, reject) => {
          fail = reject
        }),
    )
    lose()
    connect()
    acceptWrites()
    await time.advance(LONGEST_WAIT_MS)
    expect(breaker.isUp()).toBe(true)
    fail(new Error('Command timed out'))
    await expect(command).rejects.toBeInstanceOf(Unavailable)
    expect([breaker.isUp(), changes]).toEqual([true, [false, true]])
    // A command that was sent since then opens it.
    await expect(breaker.run(noAnswer)).rejects.toBeInstanceOf(Unavailable)
    expect([breaker.isUp(), changes]).toEqual([false, [false, true, false]])
    await breaker.close()
  })

  test('stays closed when a command fails by a defect that is not the server’s', async () => {
    const { breaker, changes } = given()
    const defect = () => Promise.reject(new TypeError('a defect'))
    await expect(breaker.run(defect)).rejects.toBeInstanceOf(TypeError)
    expect([breaker.isUp(), changes]).toEqual([true, []])
  })

  test('that is being closed ends its attempts at once, and tells nobody of the lost connection', async () => {
    const { breaker, changes, logged, lose } = given()
    lose()
    await breaker.close()
    await breaker.close()
    expect(changes).toEqual([false])
    const other = given()
    await other.breaker.close()
    other.lose()
    expect([other.changes, other.logged]).toEqual([[], []])
    expect(logged).toEqual(['warn redis.lost'])
  })
})
