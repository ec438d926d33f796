import { describe, expect, test } from 'bun:test'
import { EventEmitter } from 'node:events'
import { makeCircuitBreaker } from '../../../src/adapters/redis/circuit-breaker.ts'
import type { Client } from '../../../src/adapters/redis/client.ts'
import { redisKeys } from '../../../src/adapters/redis/keys.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { LogFields } from '../../../src/ports/driven/shared/log.ts'
import { virtualTime } from '../../support/fakes/shared/virtual-time.ts'

/** No wait before a reconnect is longer than this. */
const LONGEST_WAIT_MS = 1000

/** A breaker in virtual time, on a client whose server the test loses and brings back. */
const given = () => {
  const time = virtualTime()
  const start = time.clock().getTime()
  /** When a write was tried, in milliseconds. */
  const tried: number[] = []
  const written: unknown[][] = []
  /** Each end of the connection, and whether another one is to be opened. */
  const ended: boolean[] = []
  const said: LogFields[] = []
  let writes: () => Promise<unknown> = async () => 'OK'
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    set: (...values: unknown[]) => {
      tried.push(time.clock().getTime() - start)
      written.push(values)
      return writes()
    },
    disconnect: (again?: boolean) => {
      ended.push(again === true)
    },
  })
  const changes: boolean[] = []
  const logged: string[] = []
  const breaker = makeCircuitBreaker(
    { client: client as unknown as Client, keys: redisKeys('test:'), server: '127.0.0.1:6379' },
    {
      log: (level, event, fields = {}) => {
        logged.push(`${level} ${event}`)
        said.push(fields)
      },
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
    said,
    tried,
    written,
    ended,
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

  test('tries a write after 50 ms, and after each failure twice as long, up to a second', async () => {
    const { time, lose, connect, tried, ended } = given()
    lose()
    connect()
    await time.advance(4_000)
    expect(tried).toEqual([50, 150, 350, 750, 1550, 2550, 3550])
    // Each attempt that fails replaces the connection, because it may be one that no longer answers.
    expect(ended).toEqual(Array(7).fill(true))
  })

  test('tries no write while there is no connection', async () => {
    const { breaker, time, lose, connect, acceptWrites, tried } = given()
    lose()
    acceptWrites()
    await time.advance(4_000)
    expect([tried, breaker.isUp()]).toEqual([[], false])
    connect()
    await time.advance(LONGEST_WAIT_MS)
    expect(breaker.isUp()).toBe(true)
  })

  test('replaces a connection that no longer answers as soon as a command fails', async () => {
    const { breaker, ended } = given()
    await expect(breaker.run(noAnswer)).rejects.toBeInstanceOf(Unavailable)
    expect(ended).toEqual([true])
  })

  test('logs the server with the reason of the loss, and with the time until the return', async () => {
    const { breaker, time, said, lose, connect, acceptWrites } = given()
    await expect(breaker.run(noAnswer)).rejects.toBeInstanceOf(Unavailable)
    await time.advance(LONGEST_WAIT_MS)
    lose()
    connect()
    acceptWrites()
    await time.advance(LONGEST_WAIT_MS)
    const server = '127.0.0.1:6379'
    expect(said).toMatchObject([
      { server, reason: 'no answer' },
      { server, milliseconds: expect.any(Number) },
      { server, reason: 'closed' },
      { server, milliseconds: expect.any(Number) },
    ])
  })

  test('asks whether the server is available by a write that is forgotten after a second', async () => {
    const { breaker, written, lose } = given()
    expect(await breaker.isAvailable()).toBe(true)
    expect(written).toEqual([['test:probe', '', 'PX', 1000]])
    lose()
    expect(await breaker.isAvailable()).toBe(false)
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
