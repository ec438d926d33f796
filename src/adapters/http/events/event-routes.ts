import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { parseUserId } from '../../../domain/shared/ids.ts'
import { parseInstant } from '../../../domain/shared/instants.ts'
import type {
  LedgerPage,
  ReadLedger,
  ReplayEvents,
  ReplayRefusal,
} from '../../../ports/driving/events/events.ts'
import { json, refuse } from '../edge/answers.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJsonWith } from '../edge/json-body.ts'
import { cursorNamed, LIMIT, pageOf, readPageQuery } from '../edge/lists.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldError, invalidRequest, mismatches } from '../problems/invalid-fields.ts'
import type { FieldError } from '../problems/problems.ts'
import { body, text, textsOf } from '../shared/bodies.ts'

/** What these routes ask the application for. */
export type EventUseCases = {
  readonly readLedger: ReadLedger
  readonly replayEvents: ReplayEvents
}

const instant = (description: string) =>
  text(
    `${description} (RFC 3339)`,
    { format: 'date-time', examples: ['2026-11-24T00:00:00Z'] },
    { accepts: (text) => parseInstant(text) !== null, code: 'not-an-instant' },
  )

const ReplayBody = body({
  channel: text('The channel to deliver on again', { examples: ['nats:user.events'] }),
  userId: Type.Optional(
    text(
      'Only events of this user',
      { format: 'uuid' },
      { accepts: (text) => parseUserId(text) !== null, code: 'not-an-id' },
    ),
  ),
  from: Type.Optional(instant('Only events that were committed at this time or later')),
  to: Type.Optional(instant('Only events that were committed before this time')),
})

type ReadLedgerRefusal = Extract<Awaited<ReturnType<ReadLedger>>, { readonly ok: false }>['refusal']

const WRONG_PARAMETER = {
  'invalid-cursor': fieldError('after', 'not-readable'),
  'invalid-user-id': fieldError('userId', 'not-an-id'),
} as const satisfies Record<ReadLedgerRefusal['kind'], ReturnType<typeof fieldError>>

const WRONG_REPLAY = {
  'unknown-channel': fieldError('channel', 'unknown-channel'),
  'invalid-user-id': fieldError('userId', 'not-an-id'),
  'invalid-from': fieldError('from', 'not-an-instant'),
  'invalid-to': fieldError('to', 'not-an-instant'),
  'empty-span': fieldError('to', 'not-after-from'),
} as const satisfies Record<ReplayRefusal['kind'], ReturnType<typeof fieldError>>

/** The routes by which administrators list committed changes and have them delivered again. */
export const eventRoutes = ({ readLedger, replayEvents }: EventUseCases, guards: Guards) =>
  new Elysia()
    .use(guards)
    .get(
      '/v1/admin/events',
      async ({ request }) => {
        const query = readPageQuery(request, 'after', 'userId')
        if (!query.ok) return refuse(request, query.refusal)
        const { limit, parameter } = query.value
        const page = await readLedger({
          after: parameter('after'),
          userId: parameter('userId'),
          limit,
        })
        return page.ok
          ? json(200, pageBody(page.value))
          : refuse(request, invalidRequest(WRONG_PARAMETER[page.refusal.kind]))
      },
      { adminOnly: true },
    )
    .post(
      '/v1/admin/events/replay',
      async ({ body, caller, request }) => {
        const { channel, userId = null, from = null, to = null } = body
        const replay = await replayEvents({ channel, userId, from, to }, caller)
        return replay.ok
          ? json(202, replay.value)
          : refuse(
              request,
              mismatches([], [WRONG_REPLAY[replay.refusal.kind], ...spanFaults(body)]),
            )
      },
      { adminOnly: true, parse: parseJsonWith(spanFaults), body: ReplayBody },
    )

/** A span that is empty, in a body that has other faults. */
const spanFaults = (body: unknown): readonly FieldError[] => {
  const { from = '', to = '' } = textsOf(body)
  const [first, end] = [parseInstant(from), parseInstant(to)]
  return first !== null && end !== null && end <= first ? [fieldError('to', 'not-after-from')] : []
}

const pageBody = ({ entries, next }: LedgerPage) => ({
  items: entries.map(ledgerEntryBody),
  nextCursor: next,
})

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

const LedgerEntryShape = Type.Object(
  {
    eventId: Type.String({ format: 'uuid' }),
    userId: Type.String({ format: 'uuid' }),
    version: Type.Integer({ minimum: 1 }),
    action: Type.Union([Type.Literal('created'), Type.Literal('updated'), Type.Literal('deleted')]),
    occurredAt: Instant,
    payload: PayloadShape,
    deliveries: Type.Array(DeliveryShape),
  },
  { $id: 'LedgerEntry', additionalProperties: false },
)

/** One committed change and what became of its deliveries. */
const ledgerEntryBody = ({ event, deliveries }: Entry): Static<typeof LedgerEntryShape> => ({
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

/** What the OpenAPI document says about these routes. */
export const EVENT_OPERATIONS = {
  'GET /v1/admin/events': {
    id: 'readLedger',
    tag: 'Administration',
    summary: 'List committed changes of users and the state of their deliveries, oldest first',
    description: 'For administrators. Changes are kept for 14 days.',
    caller: 'required',
    parameters: [
      LIMIT,
      cursorNamed('after'),
      {
        in: 'query',
        name: 'userId',
        description: 'List only the changes of this user',
        schema: Type.String({ format: 'uuid' }),
      },
    ],
    answers: { 200: { description: 'One page', schema: pageOf(LedgerEntryShape) } },
    problems: ['forbidden', 'invalid-request'],
  },
  'POST /v1/admin/events/replay': {
    id: 'replayEvents',
    example: { channel: 'nats:user.events' },
    tag: 'Administration',
    summary: 'Deliver committed changes again',
    description: [
      'For administrators. Delivers changes of the last 14 days again. The changes of each user go in version order, before',
      'changes of that user that are waiting, and with new message ids. Deliveries that are waiting already stay as they are.',
      'Parked deliveries are tried again.',
    ].join(' '),
    caller: 'required',
    body: ReplayBody,
    answers: {
      202: {
        description: 'How many changes are waiting to be delivered again',
        schema: Type.Object({ replayed: Type.Integer() }, { additionalProperties: false }),
      },
    },
    problems: ['forbidden'],
  },
} as const satisfies Operations
