import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { LedgerPage } from '../../../ports/driving/events/events.ts'

type Entry = LedgerPage['entries'][number]

const closed = { additionalProperties: false }
const Instant = Type.String({ format: 'date-time' })
const textOrNull = Type.Union([Type.String(), Type.Null()])

/** The body of version 1 of the event, as consumers get it. */
const PayloadShape = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    email: textOrNull,
    username: Type.String(),
    displayName: textOrNull,
    avatar: textOrNull,
    role: Type.String(),
    isActive: Type.Boolean(),
    action: Type.String(),
    timestamp: Instant,
  },
  closed,
)

const DeliveryShape = Type.Object(
  {
    channel: Type.String(),
    state: Type.Union([
      Type.Literal('pending'),
      Type.Literal('standby'),
      Type.Literal('parked'),
      Type.Literal('acknowledged'),
      Type.Literal('superseded'),
      Type.Literal('discarded'),
    ]),
    attempts: Type.Integer(),
    ackedAt: Type.Union([Instant, Type.Null()]),
    streamSequence: Type.Union([Type.Integer(), Type.Null()]),
    lastError: textOrNull,
  },
  closed,
)

export const LedgerEntryShape = Type.Object(
  {
    eventId: Type.String({ format: 'uuid' }),
    userId: Type.String({ format: 'uuid' }),
    version: Type.Integer({ minimum: 1 }),
    action: Type.Union([Type.Literal('created'), Type.Literal('updated'), Type.Literal('deleted')]),
    occurredAt: Instant,
    payload: PayloadShape,
    deliveries: Type.Array(DeliveryShape),
  },
  closed,
)

/** One committed change and what became of its deliveries. */
export const ledgerEntryBody = ({ event, deliveries }: Entry): Static<typeof LedgerEntryShape> => ({
  eventId: event.eventId,
  userId: event.userId,
  version: event.version,
  action: event.action,
  occurredAt: event.occurredAt.toISOString(),
  payload: payloadBody(event),
  deliveries: deliveries.map((delivery) => ({
    ...delivery,
    ackedAt: delivery.ackedAt?.toISOString() ?? null,
  })),
})

const payloadBody = ({ userId, state, action, occurredAt }: Entry['event']) => ({
  id: userId,
  email: state.email,
  username: state.username,
  displayName: state.displayName,
  avatar: state.avatar,
  role: state.role,
  isActive: state.isActive,
  action,
  timestamp: occurredAt.toISOString(),
})
