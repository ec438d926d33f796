import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Client } from './client.ts'
import { reconnectDelayMs, replaceConnection } from './client.ts'
import { faultOf, reasonOf } from './faults.ts'
import type { RedisKeys } from './keys.ts'

export type CircuitBreaker = {
  /**
   * Runs one command and answers within 250 ms, whatever state the server is in.
   * @throws Unavailable at once while the breaker is open, otherwise as soon as the command shows that the server is lost.
   */
  run<T>(command: (client: Client) => Promise<T>): Promise<T>
  /** Whether the breaker is closed: true until a command fails, and again after a write has worked. */
  isUp(): boolean
  /** Whether the server accepts a write now. */
  isAvailable(): Promise<boolean>
  /** Ends the connection and the attempts to reconnect. Can be called again. */
  close(): Promise<void>
}

export type CircuitBreakerNeeds = {
  readonly log: Log
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
  /** Called once when the breaker opens, and once when it closes again. */
  readonly onChange?: (isUp: boolean) => void
}

const PROBE_LIFE_MS = 1000

/** Writes a key. Rejects when the server accepts no writes: it may answer and still be a replica, or be full. */
export const probeWrite = (client: Client, keys: RedisKeys): Promise<unknown> =>
  client.set(keys.probe, '', 'PX', PROBE_LIFE_MS)

type Connection = { readonly client: Client; readonly keys: RedisKeys; readonly server: string }

/**
 * Redis runs commands one after the other: when one gets no answer, the commands behind it get none either. So the first fault
 * opens the breaker for all commands, and a write that works closes it.
 */
export const makeCircuitBreaker = (
  { client, keys, server }: Connection,
  needs: CircuitBreakerNeeds,
): CircuitBreaker => {
  const { log, pause, chance, onChange = () => {} } = needs
  const stopping = new AbortController()
  let isUp = true
  /** How often the breaker has opened. A command that was sent before the latest opening does not open it again. */
  let losses = 0

  const waitForServer = async (): Promise<void> => {
    const since = performance.now()
    for (let failures = 0; ; failures += 1) {
      await pause(reconnectDelayMs(failures, chance()), stopping.signal)
      if (stopping.signal.aborted) return
      if (client.status === 'ready' && (await probeWrite(client, keys).catch(() => null)) !== null)
        break
      replaceConnection(client)
    }
    isUp = true
    log('info', 'redis.back', { server, milliseconds: Math.round(performance.now() - since) })
    onChange(true)
  }
  let waiting = Promise.resolve()

  const open = (reason: string): void => {
    if (!isUp || stopping.signal.aborted) return
    isUp = false
    losses += 1
    log('warn', 'redis.lost', { server, reason })
    onChange(false)
    replaceConnection(client)
    waiting = waitForServer()
  }
  client.on('close', () => open('closed'))

  const run = async <T>(command: (client: Client) => Promise<T>): Promise<T> => {
    if (!isUp) throw new Unavailable('redis is not available')
    const before = losses
    try {
      return await command(client)
    } catch (error) {
      const fault = faultOf(error)
      if (fault instanceof Unavailable && losses === before) open(reasonOf(error))
      throw fault
    }
  }

  return {
    run,
    isUp: () => isUp,
    isAvailable: () =>
      run((writer) => probeWrite(writer, keys)).then(
        () => true,
        () => false,
      ),
    close: async () => {
      stopping.abort()
      client.disconnect()
      await waiting
    },
  }
}
