import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { ConnectionOptions } from 'nats'
import type { Nats, NatsOptions } from '../../../src/adapters/nats/connection/open-nats.ts'
import { openNats } from '../../../src/adapters/nats/connection/open-nats.ts'
import { pause } from '../../../src/adapters/platform/pause.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { natsAt } from '../../support/servers/addresses.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { connectedNats, superviseNats } from '../../support/servers/nats/supervised-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

const open: Nats[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((nats) => nats.close()))
})

const connected = async (url: string, options: Partial<NatsOptions> = {}) => {
  const supervised = await connectedNats(url, options)
  open.push(supervised.nats)
  return supervised
}
const supervised = (url: string, options: Partial<NatsOptions> = {}) => {
  const both = superviseNats(url, options)
  open.push(both.nats)
  return both
}

describe('a supervised NATS connection', () => {
  let server: Server
  beforeAll(async () => {
    server = await givenNatsServer()
  }, 60_000)

  test('exists once the server answers, and calls its listeners', async () => {
    const { nats } = supervised(server.url)
    let calls = 0
    nats.onConnected(() => calls++)
    expect(nats.isConnected()).toBe(false)
    expect(nats.connection()).toBeNull()
    await until('connected', () => nats.isConnected())
    expect(nats.connection()?.isClosed()).toBe(false)
    nats.onConnected(() => calls++)
    expect(calls).toBe(2)
  })

  test('is one that ends with its first fault, has our name and inbox, and follows no list of servers', async () => {
    const { nats } = await connected(server.url, { name: 'auth-7', deadlineMs: 1900 })
    const { options } = nats.connection() as unknown as { readonly options: ConnectionOptions }
    expect(options).toMatchObject({
      name: 'auth-7',
      timeout: 1900,
      reconnect: false,
      resolve: false,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
      inboxPrefix: '_INBOX.auth',
    })
  })

  test('says to which server it was made, after how many failures', async () => {
    const { logged } = await connected(`nats://127.0.0.1:1,${server.url}`)
    expect(logged.filter(({ event }) => event === 'nats.connected')).toEqual([
      {
        level: 'info',
        event: 'nats.connected',
        fields: { server: new URL(server.url).host, failures: expect.any(Number) as number },
      },
    ])
  })

  test('is not told to be out of reach before every server was tried', async () => {
    const attempts: string[] = []
    const none = ['nats://127.0.0.1:1', 'nats://127.0.0.1:2', 'nats://127.0.0.1:3']
    const { nats, logged } = supervised(none.join())
    await until('told', () => logged.length > 0)
    attempts.push(...logged.map(({ fields }) => String(fields?.['server'])))
    // It begins with the second one, by chance, so the first one is the third to be tried.
    expect(attempts).toEqual(['127.0.0.1:1'])
    expect(logged[0]).toMatchObject({ level: 'warn', event: 'nats.unreachable' })
    await nats.close()
  })

  test('comes about when the server comes up later', async () => {
    await server.kill()
    const { nats, logged } = supervised(server.url)
    await until('told', () => logged.some(({ event }) => event === 'nats.unreachable'))
    expect(nats.isConnected()).toBe(false)
    await server.start()
    await until('connected', () => nats.isConnected())
    expect(logged.filter(({ event }) => event === 'nats.unreachable')).toHaveLength(1)
  })

  test('is replaced by a fresh one after the server was killed and started again', async () => {
    const { nats, logged } = await connected(server.url)
    const before = nats.connection()
    await server.kill()
    await until('gone', () => !nats.isConnected())
    expect(nats.connection()).toBeNull()
    await server.start()
    await until('back', () => nats.isConnected())
    expect(nats.connection()).not.toBe(before)
    expect(logged.map(({ event }) => event)).toContain('nats.disconnected')
  })

  test('is told to be out of reach once in each outage', async () => {
    const { nats, logged } = await connected(server.url)
    const told = () => logged.filter(({ event }) => event === 'nats.unreachable').length
    for (const outage of [1, 2]) {
      await server.kill()
      await until('told', () => told() === outage)
      await server.start()
      await until('back', () => nats.isConnected())
    }
    expect(told()).toBe(2)
  })

  test('is tried by a round trip each time that the given interval has passed, and not all the time', async () => {
    const probeEveryMs = 100
    const { nats } = await connected(server.url, { probeEveryMs })
    const connection = nats.connection()
    if (connection === null) throw new Error('not connected')
    const began: number[] = []
    const flush = connection.flush.bind(connection)
    connection.flush = () => {
      began.push(performance.now())
      return flush()
    }
    await until('four round trips', () => began.length >= 4)
    const [first = 0, , , fourth = 0] = began
    // A timer may be a few milliseconds early.
    expect(fourth - first).toBeGreaterThan(3 * (probeEveryMs - 5))
  })

  test('ends when a frozen server no longer answers, and is replaced when it does', async () => {
    const { nats, logged } = await connected(server.url)
    const before = nats.connection()
    await server.freeze()
    await until('given up', () => !nats.isConnected())
    expect(before?.isClosed()).toBe(true)
    await server.thaw()
    await until('back', () => nats.isConnected())
    expect(logged).toContainEqual({
      level: 'warn',
      event: 'nats.disconnected',
      fields: { server: new URL(server.url).host, reason: 'no answer' },
    })
  })

  test('goes to another server when the first cannot be reached', async () => {
    const { nats } = await connected(`nats://127.0.0.1:1,${server.url}`)
    expect(nats.connection()?.getServer()).toBe(new URL(server.url).host)
  })

  test('ends with close, also while there is no server to connect to', async () => {
    const { nats } = await connected(server.url)
    const connection = nats.connection()
    await nats.close()
    await nats.close()
    expect(nats.isConnected()).toBe(false)
    expect(connection?.isClosed()).toBe(true)
    await superviseNats('nats://127.0.0.1:1').nats.close()
  })

  test('ends with close while it is being opened, and never comes about', async () => {
    const { nats, logged } = superviseNats(server.url)
    await nats.close()
    expect(nats.connection()).toBeNull()
    expect(logged).toEqual([])
  })

  test('ends with close while its server is frozen', async () => {
    const { nats } = await connected(server.url)
    await server.freeze()
    await nats.close()
    await server.thaw()
    expect(nats.isConnected()).toBe(false)
  })
})

describe('the attempts to reach a NATS server', () => {
  test('follow after 200 ms, doubled up to 2 s, each shortened by up to half', async () => {
    const deadlineMs = 1234
    const waits = { longest: [] as number[], shortest: [] as number[] }
    for (const [name, chance] of [
      ['longest', 0],
      ['shortest', 1],
    ] as const) {
      const nats = openNats(
        { servers: natsAt('nats://127.0.0.1:1'), name: 'test', deadlineMs },
        {
          log: () => {},
          chance: () => chance,
          // The wait for a greeting is real, and ends at once because nobody listens there.
          pause: async (milliseconds, signal) => {
            if (milliseconds === deadlineMs) return pause(milliseconds, signal)
            waits[name].push(milliseconds)
            await Bun.sleep(0)
          },
        },
      )
      nats.connect()
      await until('seven waits', () => waits[name].length >= 7)
      await nats.close()
    }
    expect(waits.longest.slice(0, 7)).toEqual([200, 400, 800, 1600, 2000, 2000, 2000])
    expect(waits.shortest.slice(0, 7)).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
  })
})

describe('a NATS server that asks who is there', () => {
  const config = `authorization { user: "a b", password: "p@ss:1" }\n`
  let server: Server
  beforeAll(async () => {
    server = await givenNatsServer(config)
  }, 60_000)
  const host = () => new URL(server.url).host

  test('accepts a user and password', async () => {
    await connected(server.url, { user: 'a b', password: 'p@ss:1' })
  })

  test('accepts a user and password in the address', async () => {
    await connected(`nats://a%20b:p%40ss%3A1@${host()}`)
  })

  test('refuses other connections, and no log line contains the password', async () => {
    const { nats, logged } = supervised(`nats://a%20b:wr0ng@${host()}`)
    await until('told', () => logged.some(({ event }) => event === 'nats.unreachable'))
    expect(nats.isConnected()).toBe(false)
    expect(JSON.stringify(logged)).toContain('AUTHORIZATION_VIOLATION')
    expect(JSON.stringify(logged)).not.toContain('wr0ng')
  })
})
