import { parseSessionId, parseUserId } from '../../domain/shared/ids.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { ReceivedSignal, Signal, Signals } from '../../ports/driven/operations/signals.ts'
import type { Monotonic, Pause } from '../../ports/driven/shared/clock.ts'
import type { Client } from './client.ts'
import { replaceConnection } from './client.ts'
import type { Redis } from './open-redis.ts'

export type RedisSignalsNeeds = {
  readonly redis: Redis
  readonly pause: Pause
  readonly monotonic: Monotonic
}

/** Under load each commit announces something, often the same. Signals within this time are sent in one write. */
const BATCH_MS = 2
const PROBE_EVERY_MS = 300
/** After an answer to a probe the connection counts as alive for this time. */
const TRUSTED_MS = 1000

/**
 * Signals over publish and subscribe, received on a connection of their own. A server that hangs, or a broken network path,
 * looks like a server without messages. So the connection is probed every 300 ms.
 */
export const makeRedisSignals = ({ redis, pause, monotonic }: RedisSignalsNeeds): Signals => {
  const { signals: channel } = redis.keys
  const subscriber = redis.openConnection('signals')
  const stopping = new AbortController()
  const handlers: ((signal: ReceivedSignal) => void)[] = []
  let isSubscribed = false
  let heardAt = Number.NEGATIVE_INFINITY

  const notify = (signal: ReceivedSignal): void => {
    // A connection that is being closed may still deliver messages.
    if (stopping.signal.aborted) return
    for (const handler of handlers) handler(signal)
  }

  const probe = async (): Promise<void> => {
    const askedAt = monotonic()
    await subscriber.ping()
    heardAt = askedAt
  }

  const subscribe = async (): Promise<void> => {
    try {
      await subscriber.subscribe(channel)
      await probe()
      notify({ kind: 'signals-missed' })
      isSubscribed = true
    } catch {
      replaceConnection(subscriber)
    }
  }

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(PROBE_EVERY_MS, stopping.signal)
      if (isSubscribed) await probe().catch(() => replaceConnection(subscriber))
    }
  }

  const batch = new Set<string>()
  let sending: Promise<void> | null = null

  const send = async (): Promise<void> => {
    await pause(BATCH_MS, stopping.signal)
    const messages = [...batch]
    batch.clear()
    sending = null
    try {
      await redis.run((client) => publishAll(client, channel, messages))
    } catch (fault) {
      if (!(fault instanceof Unavailable)) throw fault
    }
  }

  subscriber.on('ready', () => void subscribe())
  subscriber.on('close', () => {
    isSubscribed = false
  })
  subscriber.on('message', (_channel, message) => {
    const signal = readSignal(message)
    if (signal !== null) notify(signal)
  })
  const watching = watch()

  return {
    announce: (signal) => {
      batch.add(JSON.stringify(signal))
      sending ??= send()
      return sending
    },
    listen: (handler) => {
      handlers.push(handler)
    },
    isListening: () => isSubscribed && monotonic() - heardAt < TRUSTED_MS,
    close: async () => {
      stopping.abort()
      isSubscribed = false
      subscriber.disconnect()
      await watching
    },
  }
}

/** Publishes in one write. @throws the first fault of any message. */
const publishAll = async (
  client: Client,
  channel: string,
  messages: readonly string[],
): Promise<void> => {
  const pipeline = client.pipeline()
  for (const message of messages) pipeline.publish(channel, message)
  for (const [fault] of (await pipeline.exec()) ?? []) if (fault !== null) throw fault
}

/** Null for what is no signal, or for a signal of a later release. */
const readSignal = (text: string): Signal | null => {
  const message = parseObject(text)
  const field = (name: string): unknown => Reflect.get(message, name)
  switch (field('kind')) {
    case 'user-changed': {
      const userId = parseUserId(String(field('userId')))
      return userId && { kind: 'user-changed', userId }
    }
    case 'session-changed': {
      const sessionId = parseSessionId(String(field('sessionId')))
      return sessionId && { kind: 'session-changed', sessionId }
    }
    case 'events-waiting': {
      const shards = field('shards')
      return isListOfIntegers(shards) ? { kind: 'events-waiting', shards } : null
    }
    case 'shards-freed':
      return { kind: 'shards-freed' }
    case 'mode-changed':
      return { kind: 'mode-changed' }
    default:
      return null
  }
}

const isListOfIntegers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item))

const parseObject = (text: string): object => {
  try {
    const message: unknown = JSON.parse(text)
    return typeof message === 'object' && message !== null ? message : {}
  } catch {
    return {}
  }
}
