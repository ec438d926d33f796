import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Client } from './client.ts'
import { replaceConnection, waitMilliseconds } from './client.ts'
import { faultOf, reasonOf } from './faults.ts'
import type { RedisKeys } from './keys.ts'

export type Gate = {
  /**
   * Lets one command through, and answers within 250 ms, whatever has become of the server.
   * @throws Unavailable at once while the server is lost, else as soon as the command shows that it is.
   */
  ask<T>(command: (client: Client) => Promise<T>): Promise<T>
  /** Whether commands are let through: true until one fails, and again once writing has worked. */
  isUp(): boolean
  /** Whether the server takes writes at this moment. */
  isAvailable(): Promise<boolean>
  /** Ends the connection and the attempts to get one. Can be called again. */
  close(): Promise<void>
}

export type GateNeeds = {
  readonly log: Log
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
  /** Told once of each loss, and once of each return. */
  readonly onChange?: (isUp: boolean) => void
}

const PROBE_LIFE_MS = 1000

/** Rejects when nothing can be written now: a server may answer and yet be a replica, or full. */
export const tryToWrite = (client: Client, keys: RedisKeys): Promise<unknown> =>
  client.set(keys.probe, '', 'PX', PROBE_LIFE_MS)

type Guarded = { readonly client: Client; readonly keys: RedisKeys; readonly server: string }

/**
 * Redis carries out one command after the other: when one gets no answer, those behind it will not either. So the first
 * fault closes the gate for all, and a write that works opens it again.
 */
export const makeGate = ({ client, keys, server }: Guarded, needs: GateNeeds): Gate => {
  const { log, pause, chance, onChange = () => {} } = needs
  const stopping = new AbortController()
  let isUp = true
  /** How often the gate was closed: a fault of a command from before says nothing about the time after. */
  let losses = 0

  const regain = async (): Promise<void> => {
    const since = performance.now()
    for (let failures = 0; ; failures += 1) {
      await pause(waitMilliseconds(failures, chance()), stopping.signal)
      if (stopping.signal.aborted) return
      if (client.status === 'ready' && (await tryToWrite(client, keys).catch(() => null)) !== null)
        break
      replaceConnection(client)
    }
    isUp = true
    log('info', 'redis.back', { server, milliseconds: Math.round(performance.now() - since) })
    onChange(true)
  }
  let regaining = Promise.resolve()

  const lose = (reason: string): void => {
    if (!isUp || stopping.signal.aborted) return
    isUp = false
    losses += 1
    log('warn', 'redis.lost', { server, reason })
    onChange(false)
    replaceConnection(client)
    regaining = regain()
  }
  client.on('close', () => lose('closed'))

  const ask = async <T>(command: (client: Client) => Promise<T>): Promise<T> => {
    if (!isUp) throw new Unavailable('redis is not available')
    const before = losses
    try {
      return await command(client)
    } catch (error) {
      const fault = faultOf(error)
      if (fault instanceof Unavailable && losses === before) lose(reasonOf(error))
      throw fault
    }
  }

  return {
    ask,
    isUp: () => isUp,
    isAvailable: () =>
      ask((writer) => tryToWrite(writer, keys)).then(
        () => true,
        () => false,
      ),
    close: async () => {
      stopping.abort()
      client.disconnect()
      await regaining
    },
  }
}
