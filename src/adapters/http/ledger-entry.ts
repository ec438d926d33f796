import type { Static } from '@sinclair/typebox'
import { t } from 'elysia'
import type { LedgerPage } from '../../ports/driving/events.ts'

type Entry = LedgerPage['entries'][number]

const closed = { additionalProperties: false }
const Instant = t.String({ format: 'date-time' })
const textOrNull = t.Union([t.String(), t.Null()])

/** The body of version 1 of the event, as consumers get it. */
const PayloadShape = t.Object(
  {
    id: t.String({ format: 'uuid' }),
    email: textOrNull,
    username: t.String(),
    displayName: textOrNull,
    avatar: textOrNull,
    role: t.String(),
    isActive: t.Boolean(),
    action: t.String(),
    timestamp: Instant,
  },
  closed,
)

const DeliveryShape = t.Object(
  {
    channel: t.String(),
    state: t.Union([
      t.Literal('pending'),
      t.Literal('standby'),
      t.Literal('parked'),
      t.Literal('acknowledged'),
    ]),
    attempts: t.Integer(),
    ackedAt: t.Union([Instant, t.Null()]),
    streamSequence: t.Union([t.Integer(), t.Null()]),
    lastError: textOrNull,
  },
  closed,
)

export const LedgerEntryShape = t.Object(
  {
    eventId: t.String({ format: 'uuid' }),
    userId: t.String({ format: 'uuid' }),
    version: t.Integer({ minimum: 1 }),
    action: t.Union([t.Literal('created'), t.Literal('updated'), t.Literal('deleted')]),
    occurredAt: Instant,
    payload: PayloadShape,
    deliveries: t.Array(DeliveryShape),
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
