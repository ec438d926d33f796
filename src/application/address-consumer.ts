import type { ConsumerName } from '../domain/consumer-name.ts'
import { parseConsumerName } from '../domain/consumer-name.ts'
import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import type { UserEventSubject } from '../domain/user-event.ts'
import type { ConsumerSubject } from '../ports/driven/consumer-subjects.ts'
import type { Addressee, AddresseeRefusal } from '../ports/driving/direct-events.ts'

export type Addressed = {
  readonly consumer: ConsumerName
  /** Whose version of the contract it understands. */
  readonly subject: UserEventSubject
}

export type AddressConsumer = (addressee: Addressee) => Promise<Result<Addressed, AddresseeRefusal>>

const SUBJECT_OF: ReadonlyMap<string, UserEventSubject> = new Map([
  ['1', 'user.events'],
  ['2', 'user.events.v2'],
])

/** Finds out who is meant, and what they understand: what is said counts, else what they read. */
export const makeAddressConsumer =
  ({ consumerSubject }: { readonly consumerSubject: ConsumerSubject }): AddressConsumer =>
  async ({ consumer: name, schemaVersion }) => {
    const consumer = parseConsumerName(name)
    if (consumer === null) return fail({ kind: 'invalid-consumer' })
    if (schemaVersion !== null) {
      const said = SUBJECT_OF.get(schemaVersion)
      return said === undefined
        ? fail({ kind: 'invalid-schema-version' })
        : ok({ consumer, subject: said })
    }
    const subject = await consumerSubject(consumer)
    return subject === null ? fail({ kind: 'unknown-schema-version' }) : ok({ consumer, subject })
  }
