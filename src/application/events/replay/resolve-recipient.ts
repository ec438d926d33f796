import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import type { UserEventSubject } from '../../../domain/events/user-event.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { ConsumerExists } from '../../../ports/driven/events/consumer-exists.ts'
import type { Addressee, AddresseeRefusal } from '../../../ports/driving/events/direct-events.ts'

export type Addressed = {
  readonly consumer: ConsumerName
  /** Whose version of the contract it is told in. */
  readonly subject: UserEventSubject
}

export type AddressConsumer = (addressee: Addressee) => Promise<Result<Addressed, AddresseeRefusal>>

const SUBJECT_OF: ReadonlyMap<string, UserEventSubject> = new Map([
  ['1', 'user.events'],
  ['2', 'user.events.v2'],
])

/** Holds all of the older ones: who reads another version, now or when the message arrives at last, understands it. */
const NEWEST: UserEventSubject = 'user.events.v2'

/** Finds out who is meant and how to tell them: as is said, else in the newest version, if there is such a consumer. */
export const makeAddressConsumer =
  ({ consumerExists }: { readonly consumerExists: ConsumerExists }): AddressConsumer =>
  async ({ consumer: name, schemaVersion }) => {
    const consumer = parseConsumerName(name)
    if (consumer === null) return fail({ kind: 'invalid-consumer' })
    if (schemaVersion !== null) {
      const said = SUBJECT_OF.get(schemaVersion)
      return said === undefined
        ? fail({ kind: 'invalid-schema-version' })
        : ok({ consumer, subject: said })
    }
    return (await consumerExists(consumer))
      ? ok({ consumer, subject: NEWEST })
      : fail({ kind: 'unknown-consumer' })
  }
