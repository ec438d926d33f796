import type { NatsConnection } from 'nats'
import type { Observe } from './observe.ts'
import { delayOf, pause } from './pause.ts'

/** A message that was delivered for the last time. */
export type Exceeded = {
  readonly stream: string
  readonly sequence: number
  readonly attempts: number
}

export type WatchNeeds = {
  readonly connection: NatsConnection
  readonly name: string
  readonly stream: string
  readonly settle: (exceeded: Exceeded) => Promise<void>
  readonly observe: Observe
  readonly signal: AbortSignal
}

const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 10_000

/**
 * Listens for the server's word that it delivered a message for the last time and heard nothing. It says so when
 * somebody asks for messages: whoever listens before reading misses nothing.
 */
export const watchDeliveries = async (needs: WatchNeeds): Promise<void> => {
  for (let attempt = 1; !needs.signal.aborted; attempt += 1) {
    try {
      await listen(needs)
    } catch (fault) {
      needs.observe.trouble('cannot-consume', fault)
    }
    await pause(delayOf(attempt, FIRST_PAUSE_MS, LAST_PAUSE_MS), needs.signal)
  }
}

const listen = async ({ connection, name, stream, settle, signal }: WatchNeeds): Promise<void> => {
  const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${name}`
  const advisories = connection.subscribe(subject)
  const end = () => advisories.unsubscribe()
  signal.addEventListener('abort', end)
  try {
    for await (const { data } of advisories) {
      const exceeded = readAdvisory(stream, data)
      if (exceeded !== null) await settle(exceeded)
    }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const readAdvisory = (stream: string, bytes: Uint8Array): Exceeded | null => {
  const { stream_seq: sequence, deliveries: attempts } = parse(bytes)
  const isWhole = Number.isSafeInteger(sequence) && Number.isSafeInteger(attempts)
  return isWhole ? { stream, sequence: Number(sequence), attempts: Number(attempts) } : null
}

const parse = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return {}
  }
}
