import type { DeadLetterReason } from '../../../../packages/user-events/src/index.ts'
import { writeDeadLetter } from '../../../../packages/user-events/src/index.ts'
import { makeDeadLetterCodec } from '../../../../src/adapters/codec/dead-letter-codec.ts'
import { makeInProcessDeadLetters } from '../../../../src/adapters/memory/in-process-dead-letters.ts'
import { makeDismissDeadLetters } from '../../../../src/application/events/dead-letters/dismiss-dead-letters.ts'
import { makeRedriveDeadLetters } from '../../../../src/application/events/dead-letters/redrive-dead-letters.ts'
import { makePublishToConsumer } from '../../../../src/application/events/publish-to-consumer.ts'
import type { ConsumerName } from '../../../../src/domain/events/consumer-name.ts'
import type { AuditEntry } from '../../../../src/ports/driven/audit/audit-trail.ts'
import type { DeadLetters } from '../../../../src/ports/driven/events/dead-letters.ts'
import type {
  EventMessage,
  EventPublisher,
  Receipt,
} from '../../../../src/ports/driven/events/event-publisher.ts'
import { NOON } from '../accounts/stored-users.ts'

export const BACKEND = 'backend' as ConsumerName
export const SOCIAL = 'social' as ConsumerName

const RECEIPT: Receipt = { stream: 'USER_EVENTS_DIRECT', sequence: 1, duplicate: false }

/** The event of a user's version, as a consumer received it. */
export const messageOf = (userId: string, version: number): EventMessage => ({
  headers: {
    'ce-id': `event-${userId}-${version}`,
    'ce-subject': userId,
    'ce-sequence': String(version).padStart(20, '0'),
    'Nats-Msg-Id': `event-${userId}-${version}:nats:user.events`,
  },
  body: new TextEncoder().encode(`{"version":${version}}`),
})

/** The dead letter that its consumer publishes once it has parked the message. */
export const letterOf = (
  message: EventMessage,
  consumer: ConsumerName,
  sequence = 5,
  reason: DeadLetterReason = 'handler-failed',
) =>
  writeDeadLetter(
    message,
    {
      consumer,
      reason,
      detail: 'the disk is full',
      attempts: 10,
      stream: 'USER_EVENTS',
      sequence,
      subject: 'user.events',
      at: NOON,
    },
    'created',
  )

/**
 * Redriving and dismissing dead letters in memory, with a broker that may fail, and a list of what was done, in order. Backend
 * and Social have durable consumers.
 */
export const givenRedrive = (
  publish: (topic: string, message: EventMessage) => Promise<Receipt> = async () => RECEIPT,
  wrap: (deadLetters: DeadLetters) => DeadLetters = (deadLetters) => deadLetters,
) => {
  const deadLetters = makeInProcessDeadLetters()
  const done: string[] = []
  const published: { topic: string; message: EventMessage }[] = []
  const audited: AuditEntry[] = []
  const direct: Pick<EventPublisher, 'publish'> = {
    publish: async (topic, message) => {
      done.push('publish')
      const receipt = await publish(topic, message)
      published.push({ topic, message })
      return receipt
    },
  }
  let redrives = 0
  const needs: Parameters<typeof makeRedriveDeadLetters>[0] = {
    deadLetters: wrap({
      ...deadLetters,
      remove: (sequence) => {
        done.push(`remove ${sequence}`)
        return deadLetters.remove(sequence)
      },
    }),
    eventConsumers: { exists: async (name) => [BACKEND, SOCIAL].includes(name) },
    deadLetterCodec: makeDeadLetterCodec(),
    publishToConsumer: makePublishToConsumer({ direct, pause: async () => {} }),
    stores: {
      audit: {
        append: async (entry) => {
          done.push('audit')
          audited.push(entry)
        },
      },
    },
    identifiers: {
      replayId: () => {
        redrives += 1
        return `redrive-${redrives}`
      },
    },
    log: () => {},
    clock: () => NOON,
  }
  const redrive = makeRedriveDeadLetters(needs)
  const dismiss = makeDismissDeadLetters(needs)
  const dismissWith = (append: typeof needs.stores.audit.append) =>
    makeDismissDeadLetters({ ...needs, stores: { audit: { append } } })
  const put = (consumer: ConsumerName, ...messages: readonly EventMessage[]) => {
    for (const message of messages) deadLetters.put(consumer, letterOf(message, consumer), NOON)
  }
  /** Consumers could not read these messages. */
  const putMalformed = (consumer: ConsumerName, ...messages: readonly EventMessage[]) => {
    for (const message of messages)
      deadLetters.put(consumer, letterOf(message, consumer, 5, 'malformed'), NOON)
  }
  const left = async () =>
    (await deadLetters.list({ consumer: null, after: 0, limit: 10_000 })).map(
      ({ sequence }) => sequence,
    )
  return {
    redrive,
    dismiss,
    dismissWith,
    put,
    putMalformed,
    left,
    done,
    published,
    audited,
    deadLetters,
  }
}
