import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Heard, Signals } from '../../ports/driven/operations/signals.ts'
import type { Monotonic, Pause } from '../../ports/driven/shared/clock.ts'
import type { Client } from './client.ts'
import { replaceConnection } from './client.ts'
import type { Redis } from './open-redis.ts'
import { readSignal, writeSignal } from './signal-message.ts'

export type RedisSignalsNeeds = {
  readonly redis: Redis
  readonly pause: Pause
  readonly monotonic: Monotonic
}

/** Under load each commit tells something, and much of it is the same: what comes within so long goes in one write. */
const GATHER_MS = 2
const PROBE_EVERY_MS = 300
/** An answer to a probe is good for so long. */
const TRUSTED_MS = 1000

/**
 * Signals over publish and subscribe, heard on a connection of their own. A server that hangs, or a broken path to it,
 * looks like one with nothing to say, so the connection is asked all the time whether it still lives.
 */
export const makeRedisSignals = ({ redis, pause, monotonic }: RedisSignalsNeeds): Signals => {
  const { signals: channel } = redis.keys
  const subscriber = redis.anotherClient('signals')
  const stopping = new AbortController()
  const handlers: ((heard: Heard) => void)[] = []
  let isSubscribed = false
  let heardAt = Number.NEGATIVE_INFINITY

  const tell = (heard: Heard): void => {
    // A connection that is being closed may still bring something.
    if (stopping.signal.aborted) return
    for (const handler of handlers) handler(heard)
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
      tell({ kind: 'signals-missed' })
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

  const gathered = new Set<string>()
  let sending: Promise<void> | null = null

  const send = async (): Promise<void> => {
    await pause(GATHER_MS, stopping.signal)
    const messages = [...gathered]
    gathered.clear()
    sending = null
    try {
      await redis.ask((client) => publishAll(client, channel, messages))
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
    if (signal !== null) tell(signal)
  })
  const watching = watch()

  return {
    announce: (signal) => {
      gathered.add(writeSignal(signal))
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

/** @throws the first fault of any. */
const publishAll = async (
  client: Client,
  channel: string,
  messages: readonly string[],
): Promise<void> => {
  const pipeline = client.pipeline()
  for (const message of messages) pipeline.publish(channel, message)
  for (const [fault] of (await pipeline.exec()) ?? []) if (fault !== null) throw fault
}
