import type { NatsConnection } from 'nats'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { NatsAccess } from './connect.ts'
import { connect } from './connect.ts'
import type { NatsAddress } from './nats-address.ts'
import { shownNats } from './nats-address.ts'

export type Nats = {
  /** Begins to connect. Further calls do nothing. */
  connect(): void
  isConnected(): boolean
  /** The present connection; null while there is none. Do not keep it: after a reconnect it is another one. */
  connection(): NatsConnection | null
  /** Calls the listener at each new connection, and at once when there is a connection already. */
  onConnected(listener: () => void): void
  /** Ends the connection and the attempts to get one. It may be called again. */
  close(): Promise<void>
}

export type NatsOptions = NatsAccess & {
  /** Each server of the cluster. */
  readonly servers: readonly NatsAddress[]
  readonly name: string
  /** How long a server may take to answer, at connecting and at each round trip. */
  readonly deadlineMs?: number
  readonly probeEveryMs?: number
}

type Needs = {
  readonly log: Log
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
}

const DEADLINE_MS = 2000
const PROBE_EVERY_MS = 2000
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 2000

/**
 * Keeps one connection for ever, once `connect` was called. It sends a round trip every 2 seconds and replaces the connection when
 * it ends or no longer answers.
 */
export const openNats = (options: NatsOptions, { log, pause, chance }: Needs): Nats => {
  const addresses = options.servers
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS
  const everyMs = options.probeEveryMs ?? PROBE_EVERY_MS
  const stopping = new AbortController()
  const listeners: (() => void)[] = []
  let nextAddress = Math.floor(chance() * addresses.length)
  let current: NatsConnection | null = null

  const live = () => (current === null || current.isClosed() ? null : current)

  const attempt = async (failures: number): Promise<NatsConnection | null> => {
    const address = addresses[nextAddress++ % addresses.length]
    if (address === undefined) throw new Error('no NATS server is configured: set NATS_URL')
    try {
      return await connect(address, { ...options, deadlineMs }, pause)
    } catch (fault) {
      const reason = reasonOf(fault)
      if (failures === addresses.length - 1)
        log('warn', 'nats.unreachable', { server: shownNats(address), reason })
      return null
    }
  }

  const serve = async (connection: NatsConnection, failures: number): Promise<void> => {
    if (stopping.signal.aborted) return connection.close()
    current = connection
    log('info', 'nats.connected', { server: connection.getServer(), failures })
    for (const listener of listeners) listener()
    const reason = await watchConnection(connection, { everyMs, deadlineMs, pause })
    current = null
    await connection.close()
    if (!stopping.signal.aborted)
      log('warn', 'nats.disconnected', { server: connection.getServer(), reason })
  }

  const run = async (): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const connection = await attempt(failures)
      if (connection !== null) await serve(connection, failures)
      failures = connection === null ? failures + 1 : 0
      await pause(waitMilliseconds(failures, chance()), stopping.signal)
    }
  }

  let running: Promise<void> | null = null
  return {
    connect: () => {
      running ??= run()
    },
    isConnected: () => live() !== null,
    connection: live,
    onConnected(listener) {
      listeners.push(listener)
      if (live() !== null) listener()
    },
    async close() {
      stopping.abort()
      await current?.close()
      await running
    },
  }
}

/** 100 ms doubling to 2 s, each shortened by up to half, so that instances do not reconnect at the same moment. */
const waitMilliseconds = (failures: number, chance: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS) * (1 - chance / 2)

/** The client's code where there is one, because its messages may contain secrets. */
const reasonOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown'
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.message
}

type Watch = { readonly everyMs: number; readonly deadlineMs: number; readonly pause: Pause }

/**
 * Resolves with the reason once the connection is of no more use: it ended, or a round trip to the server took longer than
 * the deadline. The client alone notices a silent server after minutes, or never.
 */
const watchConnection = async (
  connection: NatsConnection,
  { everyMs, deadlineMs, pause }: Watch,
): Promise<string> => {
  let resting = new AbortController()
  let ended: string | null = null
  void connection.closed().then((fault) => {
    ended = fault ? reasonOf(fault) : 'closed'
    resting.abort()
  })
  const rest = async (milliseconds: number): Promise<void> => {
    if (ended === null) await pause(milliseconds, resting.signal)
  }

  for (;;) {
    const roundTrip = { isAnswered: false }
    resting = new AbortController()
    startRoundTrip(connection, roundTrip, resting)
    await rest(deadlineMs)
    if (ended !== null) return ended
    if (!roundTrip.isAnswered) return 'no answer'
    resting = new AbortController()
    await rest(everyMs)
  }
}

const startRoundTrip = (
  connection: NatsConnection,
  roundTrip: { isAnswered: boolean },
  resting: AbortController,
): void => {
  connection.flush().then(
    () => {
      roundTrip.isAnswered = true
      resting.abort()
    },
    () => resting.abort(),
  )
}
