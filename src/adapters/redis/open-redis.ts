import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { CircuitBreaker, CircuitBreakerNeeds } from './circuit-breaker.ts'
import { makeCircuitBreaker, probeWrite } from './circuit-breaker.ts'
import type { Client } from './client.ts'
import { openClient } from './client.ts'
import { reasonOf } from './faults.ts'
import type { RedisKeys } from './keys.ts'
import { DEFAULT_KEY_PREFIX, redisKeys } from './keys.ts'
import type { RedisAddress } from './redis-address.ts'
import { shownRedis } from './redis-address.ts'

export type Redis = CircuitBreaker & {
  readonly keys: RedisKeys
  /** Opens a connection of its own. The caller has to disconnect it. */
  openConnection(purpose: string): Client
}

/** No server accepts writes at this address. The address is without credentials. */
export type RedisMissing = {
  readonly kind: 'redis-missing'
  readonly server: string
  readonly reason: string
}

export type RedisOptions = {
  readonly address: RedisAddress
  readonly keyPrefix?: string
  /** The name under which the server lists the connections. */
  readonly clientName: string
  /** How long to wait for the server at the start. */
  readonly startTimeoutMs?: number
  /** How long a command may take before the server counts as lost: 200 ms if not given. Callers of limits and codes wait for it. */
  readonly commandTimeoutMs?: number
}

const START_TIMEOUT_MS = 2000
const BETWEEN_PROBES_MS = 25

/** Waits until the server accepts writes. From then on the connection is replaced whenever it ends. */
export const openRedis = async (
  options: RedisOptions,
  needs: CircuitBreakerNeeds,
): Promise<Result<Redis, RedisMissing>> => {
  const { address, clientName, startTimeoutMs = START_TIMEOUT_MS, commandTimeoutMs } = options
  const server = shownRedis(address)
  const keys = redisKeys(options.keyPrefix ?? DEFAULT_KEY_PREFIX)
  const open = (name: string) =>
    openClient({ address, name, chance: needs.chance, commandTimeoutMs })
  const client = open(clientName)
  const refusal = await untilWritable(client, keys, needs.pause, startTimeoutMs)
  if (refusal !== null) {
    client.disconnect()
    return fail({ kind: 'redis-missing', server, reason: refusal })
  }
  const breaker = makeCircuitBreaker({ client, keys, server }, needs)
  return ok({
    ...breaker,
    keys,
    openConnection: (purpose) => open(`${clientName}-${purpose}`),
  })
}

/** Null once a write has worked, else why none did. */
const untilWritable = async (
  client: Client,
  keys: RedisKeys,
  pause: Pause,
  startTimeoutMs: number,
): Promise<string | null> => {
  let reason = 'no answer'
  const note = (fault: unknown) => {
    reason = reasonOf(fault)
  }
  client.on('error', note)
  const never = new AbortController().signal
  const until = performance.now() + startTimeoutMs
  try {
    while (performance.now() < until) {
      if (client.status === 'ready')
        try {
          await probeWrite(client, keys)
          return null
        } catch (fault) {
          note(fault)
        }
      await pause(BETWEEN_PROBES_MS, never)
    }
    return reason
  } finally {
    client.off('error', note)
  }
}
