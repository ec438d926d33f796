import type { ConsumerMessages, JsMsg, NatsConnection, Subscription } from 'nats'
import type { WantedDurable } from './durable.ts'
import { ensureDurable } from './durable.ts'
import { delayOf, pause, settledWithin } from './pause.ts'

export type ReadStreamNeeds = {
  readonly connection: NatsConnection
  readonly durable: Omit<WantedDurable, 'mayReplace'>
  readonly accept: (message: JsMsg) => void
  readonly reading: () => void
  readonly failed: (fault: unknown) => void
  readonly signal: AbortSignal
}

// How long a request for messages stands. Half of it without a sign of life, twice, and it is made anew.
const PULL_MS = 5000
const MOST_PULLED = 100
const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 10_000

/** Reads one durable consumer until the signal is aborted, whatever happens to it, to the stream or to the server. */
export const readStream = async (needs: ReadStreamNeeds): Promise<void> => {
  const { reading, failed, signal } = needs
  let [attempt, everRead] = [0, false]
  while (!signal.aborted) {
    try {
      const messages = await begin(needs, !everRead)
      ;[attempt, everRead] = [0, true]
      reading()
      await acceptAll(messages, needs)
      if (!signal.aborted) failed(new Error('the server ended the reading'))
    } catch (fault) {
      if (!signal.aborted) failed(fault)
    }
    attempt += 1
    await pause(delayOf(attempt, FIRST_PAUSE_MS, LAST_PAUSE_MS), signal)
  }
}

const begin = async ({ connection, durable }: ReadStreamNeeds, mayReplace: boolean) => {
  await ensureDurable(await connection.jetstreamManager(), { ...durable, mayReplace })
  const consumer = await connection.jetstream().consumers.get(durable.stream, durable.name)
  return consumer.consume({
    max_messages: Math.min(MOST_PULLED, durable.limits.maxAckPending),
    expires: PULL_MS,
    abort_on_missing_resource: true,
  })
}

const acceptAll = async (
  messages: ConsumerMessages,
  { accept, signal }: ReadStreamNeeds,
): Promise<void> => {
  const end = () => void drain(messages)
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  try {
    for await (const message of messages) accept(message)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const DRAIN_MS = 2000

/**
 * Ends the reading with what the server has sent by now: closing alone drops it, and nobody would be given it before its ack
 * wait. The package ends the messages of a subscription that is drained, but does not show it.
 */
const drain = async (
  messages: ConsumerMessages & { readonly sub?: Subscription },
): Promise<void> => {
  if (messages.sub !== undefined) await settledWithin(DRAIN_MS, messages.sub.drain())
  await messages.close()
}
