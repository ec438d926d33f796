import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { Gate, GateNeeds } from './circuit-breaker.ts'
import { makeGate, tryToWrite } from './circuit-breaker.ts'
import type { Client } from './client.ts'
import { openClient, shownServer } from './client.ts'
import { reasonOf } from './faults.ts'
import type { RedisKeys } from './keys.ts'
import { DEFAULT_KEY_PREFIX, redisKeys } from './keys.ts'

export type Redis = Gate & {
  readonly keys: RedisKeys
  /** A connection of its own, which whoever asked for it has to disconnect. */
  anotherClient(purpose: string): Client
}

/** No server there that takes writes. The address is without credentials. */
export type RedisMissing = {
  readonly kind: 'redis-missing'
  readonly server: string
  readonly reason: string
}

export type RedisOptions = {
  /** `redis://` or, with TLS, `rediss://user:password@host:port/database`. */
  readonly url: string
  readonly keyPrefix?: string
  /** How the server lists the connections. */
  readonly clientName: string
  /** How long the server may take to turn up at the start. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 2000
const BETWEEN_LOOKS_MS = 25

/** Waits until the server takes writes, and from then on keeps the connection for ever. */
export const openRedis = async (
  options: RedisOptions,
  needs: GateNeeds,
): Promise<Result<Redis, RedisMissing>> => {
  const { url, clientName, patienceMs = PATIENCE_MS } = options
  const server = shownServer(url)
  const keys = redisKeys(options.keyPrefix ?? DEFAULT_KEY_PREFIX)
  const client = openClient({ url, name: clientName, chance: needs.chance })
  const refusal = await untilWritable(client, keys, needs.pause, patienceMs)
  if (refusal !== null) {
    client.disconnect()
    return fail({ kind: 'redis-missing', server, reason: refusal })
  }
  const gate = makeGate({ client, keys, server }, needs)
  return ok({
    ...gate,
    keys,
    anotherClient: (purpose) =>
      openClient({ url, name: `${clientName}-${purpose}`, chance: needs.chance }),
  })
}

/** Null once a write has worked, else why none did. */
const untilWritable = async (
  client: Client,
  keys: RedisKeys,
  pause: Pause,
  patienceMs: number,
): Promise<string | null> => {
  let reason = 'no answer'
  const note = (fault: unknown) => {
    reason = reasonOf(fault)
  }
  client.on('error', note)
  const never = new AbortController().signal
  const until = performance.now() + patienceMs
  try {
    while (performance.now() < until) {
      if (client.status === 'ready')
        try {
          await tryToWrite(client, keys)
          return null
        } catch (fault) {
          note(fault)
        }
      await pause(BETWEEN_LOOKS_MS, never)
    }
    return reason
  } finally {
    client.off('error', note)
  }
}
