import type { NatsConnection, StoredMsg } from 'nats'
import { apiErrorCode } from './api-error-code.ts'
import type { DeadLetterOffice } from './dead-letter-office.ts'
import { decode } from './decode.ts'
import { headersOf } from './delivery.ts'
import { judge } from './judge.ts'
import type { Observe } from './observe.ts'
import { persist } from './pause.ts'
import type { Store } from './store.ts'
import type { SchemaVersion } from './subjects.ts'
import type { UserEvent } from './user-event.ts'
import type { Exceeded } from './watch-deliveries.ts'

type Needs<Tx> = {
  readonly connection: NatsConnection
  readonly name: string
  readonly version: SchemaVersion
  readonly store: Store<Tx>
  readonly office: DeadLetterOffice
  readonly observe: Observe
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

const NO_MESSAGE_FOUND = 10_037

/**
 * What died without a word becomes a dead letter, unless it was applied and only its acknowledgement was lost. Each
 * instance does this; the letter's message id makes one of theirs.
 */
export const makeSettleExceeded =
  <Tx>(needs: Needs<Tx>) =>
  async ({ stream, sequence, attempts }: Exceeded): Promise<void> => {
    const { name, version, office, observe, nowMs } = needs
    const found = await persist(
      () => read(needs.connection, stream, sequence),
      (fault) => observe.trouble('cannot-consume', fault),
      needs.signal,
    )
    if (found === null || found === 'gone') return
    const original = { headers: headersOf(found.header), body: found.data }
    const about = { subject: found.subject, stream, sequence, delivery: attempts }
    const decoded = decode(original, version)
    const event = decoded.ok ? decoded.event : null
    const timed = { ...about, arrivedAtMs: nowMs() }
    const past = event && (await verdictOn(needs, event))
    if (past === 'stale' || past === 'duplicate')
      return observe.result(timed, event, { kind: past })
    const reason = 'never-answered'
    const detail = `delivered ${attempts} times, and nobody answered`
    const note = { ...about, consumer: name, reason, detail, attempts, at: new Date() } as const
    if (await office.store(original, note))
      observe.result(timed, event, { kind: 'dead-letter', reason, detail })
  }

const read = async (
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

const verdictOn = <Tx>({ store, name, observe, signal }: Needs<Tx>, event: UserEvent) =>
  persist(
    () =>
      store.transact(
        async (tx) => judge(await store.takePosition(tx, name, event.userId), event).kind,
      ),
    (fault) => observe.trouble('cannot-reach-store', fault),
    signal,
  )
