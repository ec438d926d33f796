import type { NatsConnection, StoredMsg } from 'nats'
import { decode } from '../codec/decode.ts'
import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'
import type { Store } from '../stores/store.ts'
import type { DeadLetterPublisher } from './dead-letter-publisher.ts'
import { apiErrorCode, headersOf } from './delivery.ts'
import type { Verdict } from './judge.ts'
import { judge } from './judge.ts'
import type { Report } from './report.ts'
import { delayOf, pause, retryUntilStopped } from './retry.ts'

type Needs<Tx> = {
  readonly connection: NatsConnection
  readonly name: string
  readonly version: SchemaVersion
  readonly stream: string
  readonly store: Store<Tx>
  readonly deadLetters: DeadLetterPublisher
  readonly report: Report
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

/** A message that was delivered for the last time and not answered. */
type Exceeded = { readonly sequence: number; readonly attempts: number }

const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 10_000

/**
 * Listens for the server's advisory that it delivered a message for the last time and got no answer, and turns each such
 * message into a dead letter. The server sends the advisory when a consumer asks for messages, so a listener that starts
 * before the reading misses none. It ends when the signal is aborted.
 */
export const settleExceeded = async <Tx>(needs: Needs<Tx>): Promise<void> => {
  for (let attempt = 1; !needs.signal.aborted; attempt += 1) {
    try {
      await listen(needs)
    } catch (fault) {
      needs.report.trouble('cannot-consume', fault)
    }
    await pause(delayOf(attempt, FIRST_PAUSE_MS, LAST_PAUSE_MS), needs.signal)
  }
}

const listen = async <Tx>(needs: Needs<Tx>): Promise<void> => {
  const { connection, name, stream, signal } = needs
  const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${name}`
  const advisories = connection.subscribe(subject)
  const end = () => advisories.unsubscribe()
  signal.addEventListener('abort', end)
  try {
    for await (const { data } of advisories) {
      const exceeded = readAdvisory(data)
      if (exceeded !== null) await settle(needs, exceeded)
    }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const readAdvisory = (bytes: Uint8Array): Exceeded | null => {
  const { stream_seq: sequence, deliveries: attempts } = parse(bytes)
  const isWhole = Number.isSafeInteger(sequence) && Number.isSafeInteger(attempts)
  return isWhole ? { sequence: Number(sequence), attempts: Number(attempts) } : null
}

const parse = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return {}
  }
}

/**
 * Publishes the message as a dead letter, unless it was applied and only its acknowledgement was lost. Each instance of the
 * consumer does this; the message id of the dead letter makes the broker keep one.
 */
const settle = async <Tx>(needs: Needs<Tx>, { sequence, attempts }: Exceeded): Promise<void> => {
  const { connection, name, version, stream, deadLetters, report, signal, nowMs } = needs
  const found = await retryUntilStopped(
    () => readMessage(connection, stream, sequence),
    (fault) => report.trouble('cannot-consume', fault),
    signal,
  )
  if (found === null || found === 'gone') return
  const original = { headers: headersOf(found.header), body: found.data }
  const decoded = decode(original, version)
  const event = decoded.ok ? decoded.event : null
  const about = {
    subject: found.subject,
    stream,
    sequence,
    delivery: attempts,
    arrivedAtMs: nowMs(),
  }
  const verdict = event && (await judgeStored(needs, event))
  if (verdict === 'stale' || verdict === 'duplicate')
    return report.result(about, event, { kind: verdict })
  const reason = 'never-answered'
  const detail = `delivered ${attempts} times, and nobody answered`
  const isStored = await deadLetters.publish(original, {
    consumer: name,
    reason,
    detail,
    attempts,
    stream,
    sequence,
    subject: found.subject,
    at: new Date(),
  })
  if (isStored) report.result(about, event, { kind: 'dead-letter', reason, detail })
}

const NO_MESSAGE_FOUND = 10_037

const readMessage = async (
  connection: NatsConnection,
  stream: string,
  sequence: number,
): Promise<StoredMsg | 'gone'> => {
  const api = await connection.jetstreamManager()
  try {
    return await api.streams.getMessage(stream, { seq: sequence })
  } catch (fault) {
    if (apiErrorCode(fault) === NO_MESSAGE_FOUND) return 'gone'
    throw fault
  }
}

const judgeStored = <Tx>(
  { store, name, report, signal }: Needs<Tx>,
  event: UserEvent,
): Promise<Verdict['kind'] | null> =>
  retryUntilStopped(
    () =>
      store.transact(
        async (tx) => judge(await store.takePosition(tx, name, event.userId), event).kind,
      ),
    (fault) => report.trouble('cannot-reach-store', fault),
    signal,
  )
