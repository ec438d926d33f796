import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { GivenUp } from '../../../ports/driving/events/dead-letters.ts'

const textOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const countOrNull = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description })

export const GivenUpShape = Type.Object(
  {
    kind: Type.Union([Type.Literal('dead-letter'), Type.Literal('parked')]),
    id: textOrNull('Of a dead letter, to redrive it; null for a parked delivery'),
    consumer: textOrNull('Who handed it in; null for a parked delivery'),
    channel: textOrNull('Which delivery is parked, to replay it; null for a dead letter'),
    eventId: textOrNull('Null where the message does not say it, like the two below'),
    userId: textOrNull('Whom the event is about'),
    version: countOrNull('The version of the user'),
    reason: textOrNull('A word of the consumer, or the error that parked the delivery'),
    detail: textOrNull('What the consumer adds, in words'),
    attempts: countOrNull('How often it was tried'),
    subject: textOrNull('Where the consumer had it from'),
    streamSequence: countOrNull('Its place in the stream that the consumer had it from'),
    at: Type.String({
      format: 'date-time',
      description: 'When it was given up; of a parked delivery, when its change was committed',
    }),
  },
  { additionalProperties: false },
)

/** What was given up, without the payload: the ledger has it. */
export const givenUpBody = (item: GivenUp): Static<typeof GivenUpShape> => ({
  kind: item.kind,
  id: item.kind === 'dead-letter' ? item.id : null,
  consumer: item.kind === 'dead-letter' ? item.consumer : null,
  channel: item.kind === 'parked' ? item.channel : null,
  eventId: item.eventId,
  userId: item.userId,
  version: item.version,
  reason: item.reason,
  detail: item.detail,
  attempts: item.attempts,
  subject: item.subject,
  streamSequence: item.streamSequence,
  at: item.at.toISOString(),
})
