import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { CONSUMER_NAME_PATTERN } from '../../../domain/events/consumer-name.ts'
import { DEAD_LETTER_ID_PATTERN } from '../../../domain/events/dead-letter.ts'
import { parseReason, REASON_MAXIMUM } from '../../../domain/shared/plain-text.ts'
import type {
  DismissDeadLetters,
  DismissRefusal,
  ListDeadLetters,
  ListRefusal,
  ParkedItem,
  RedriveDeadLetters,
} from '../../../ports/driving/events/dead-letters.ts'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import { cursorNamed, LIMIT, pageOf, readPageQuery } from '../edge/lists.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'
import { body, text } from '../shared/bodies.ts'

/** What these routes ask the application for. */
export type DeadLetterUseCases = {
  readonly listDeadLetters: ListDeadLetters
  readonly redriveDeadLetters: RedriveDeadLetters
  readonly dismissDeadLetters: DismissDeadLetters
}

const deadLetterId = text(
  'The `id` of a dead letter',
  { minLength: 1, maxLength: 15, pattern: DEAD_LETTER_ID_PATTERN, examples: ['17'] },
  { code: 'not-an-id' },
)

const consumerName = (description: string) =>
  text(
    description,
    { minLength: 1, maxLength: 64, pattern: CONSUMER_NAME_PATTERN, examples: ['backend'] },
    { code: 'not-a-consumer' },
  )

const RedriveBody = body({
  consumer: consumerName('The name of the consumer whose dead letters are redriven'),
  ids: Type.Optional(
    Type.Array(deadLetterId, {
      description:
        'Only these dead letters. Without it, all that exist at this moment, except malformed ones',
      minItems: 1,
      maxItems: 100,
    }),
  ),
})

const DismissBody = body({
  consumer: consumerName('The name of the consumer whose dead letters are dismissed'),
  ids: Type.Array(deadLetterId, { minItems: 1, maxItems: 100 }),
  reason: text(
    'Why they are dismissed, in 1 to 500 visible characters. It is audited',
    { minLength: 1, maxLength: REASON_MAXIMUM, examples: ['somebody else published these'] },
    { accepts: (text) => parseReason(text) !== null, code: 'no-reason' },
  ),
})

/** The most dead letters of one call, so that it ends before a client or a proxy stops waiting. */
const AT_ONCE = 1000

const WRONG_PARAMETER = {
  'invalid-consumer': fieldError('consumer', 'not-a-consumer'),
  'invalid-cursor': fieldError('cursor', 'not-readable'),
} as const satisfies Record<ListRefusal['kind'], ReturnType<typeof fieldError>>

const problemOf = (refusal: DismissRefusal): Problem => {
  switch (refusal.kind) {
    case 'invalid-consumer':
      return invalidRequest(fieldError('consumer', 'not-a-consumer'))
    case 'unknown-consumer':
      return { code: 'not-found' }
    case 'invalid-id':
      return invalidRequest(fieldError(`ids/${refusal.index}`, 'not-an-id'))
    case 'nothing-selected':
      return invalidRequest(fieldError('ids', 'required'))
    case 'no-reason':
      return invalidRequest(fieldError('reason', 'no-reason'))
  }
}

/** What consumers gave up on and what is parked, for administrators. */
export const deadLetterRoutes = (
  { listDeadLetters, redriveDeadLetters, dismissDeadLetters }: DeadLetterUseCases,
  guards: Guards,
) =>
  new Elysia()
    .use(guards)
    .get(
      '/v1/admin/dead-letters',
      async ({ request }) => {
        const query = readPageQuery(request, 'consumer', 'cursor')
        if (!query.ok) return refuse(request, query.refusal)
        const { limit, parameter } = query.value
        const page = await listDeadLetters({
          consumer: parameter('consumer'),
          cursor: parameter('cursor'),
          limit,
        })
        if (!page.ok) return refuse(request, invalidRequest(WRONG_PARAMETER[page.refusal.kind]))
        const { items, next } = page.value
        return json(200, { items: items.map(parkedItemBody), nextCursor: next })
      },
      { adminOnly: true },
    )
    .post(
      '/v1/admin/dead-letters/redrive',
      async ({ body: { consumer, ids = null }, caller, request }) => {
        const done = await redriveDeadLetters({ consumer, ids, atMost: AT_ONCE }, caller)
        return done.ok ? json(202, done.value) : refuse(request, problemOf(done.refusal))
      },
      { adminOnly: true, parse: parseJson, body: RedriveBody },
    )
    .post(
      '/v1/admin/dead-letters/dismiss',
      async ({ body, caller, request }) => {
        const done = await dismissDeadLetters(body, caller)
        return done.ok ? noContent() : refuse(request, problemOf(done.refusal))
      },
      { adminOnly: true, parse: parseJson, body: DismissBody },
    )

const textOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const countOrNull = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description })

const ParkedItemShape = Type.Object(
  {
    kind: Type.Union([Type.Literal('dead-letter'), Type.Literal('parked')]),
    id: textOrNull('The id of a dead letter, for redriving it. Null for a parked delivery'),
    consumer: textOrNull('The consumer that handed in the dead letter. Null for a parked delivery'),
    channel: textOrNull(
      'The channel of the parked delivery, for replaying it. Null for a dead letter',
    ),
    eventId: textOrNull(
      'The id of the event. Null if the message does not say it; the same holds for userId and version',
    ),
    userId: textOrNull('The user that the event is about'),
    version: countOrNull('The version of the user'),
    reason: textOrNull('The reason code of the consumer, or the error that parked the delivery'),
    detail: textOrNull('An explanation of the consumer, for people'),
    attempts: countOrNull('How often the delivery was tried'),
    subject: textOrNull('The subject from which the consumer got the message'),
    streamSequence: countOrNull(
      'The sequence of the message in the stream from which the consumer got it',
    ),
    at: Type.String({
      format: 'date-time',
      description:
        'When the dead letter was handed in. For a parked delivery, when its change was committed',
    }),
  },
  { $id: 'ParkedItem', additionalProperties: false },
)

/** A dead letter or a parked delivery, without its payload. The ledger has the payload. */
const parkedItemBody = (item: ParkedItem): Static<typeof ParkedItemShape> => ({
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

/** What the OpenAPI document says about these routes. */
export const DEAD_LETTER_OPERATIONS = {
  'GET /v1/admin/dead-letters': {
    id: 'listDeadLetters',
    tag: 'Administration',
    summary: 'List dead letters and parked deliveries',
    description: [
      'For administrators. A dead letter is an event that a consumer could not handle. A parked delivery is an event that',
      'this service could not deliver. The list starts with the parked deliveries, and dead letters follow, oldest first.',
      'With `consumer`, it has only the dead letters of that consumer. Dead letters are kept for 30 days. To try a parked',
      'delivery again, call `POST /v1/admin/events/replay` with its channel and user.',
    ].join(' '),
    caller: 'required',
    parameters: [
      LIMIT,
      cursorNamed('cursor'),
      {
        in: 'query',
        name: 'consumer',
        description: 'List only the dead letters of this consumer',
        schema: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
      },
    ],
    answers: { 200: { description: 'One page', schema: pageOf(ParkedItemShape) } },
    problems: ['forbidden', 'invalid-request'],
  },
  'POST /v1/admin/dead-letters/redrive': {
    id: 'redriveDeadLetters',
    example: { consumer: 'backend' },
    tag: 'Administration',
    summary: 'Redrive the dead letters of a consumer',
    description: [
      'For administrators. Sends each dead letter unchanged to the subject that this consumer alone reads, and removes it',
      'when it is stored there. Repeating the call is safe: a consumer ignores events that it has applied and events that are',
      'older than what it has applied. Ids that no longer exist, or that belong to another consumer, are skipped. One call',
      'redrives at most 1 000 dead letters, oldest first. If the answer counts fewer, none are left but malformed ones. Without',
      '`ids`, those stay where they are, because the consumer could not read them a second time either.',
    ].join(' '),
    caller: 'required',
    body: RedriveBody,
    answers: {
      202: {
        description: 'How many dead letters were redriven',
        schema: Type.Object(
          {
            redriven: Type.Integer(),
            malformed: Type.Integer({
              description: 'Malformed dead letters that were left where they are',
            }),
          },
          { additionalProperties: false },
        ),
      },
    },
    problems: ['forbidden', 'not-found'],
  },
  'POST /v1/admin/dead-letters/dismiss': {
    id: 'dismissDeadLetters',
    example: { consumer: 'backend', ids: ['17'], reason: 'Backend removed this user by hand' },
    tag: 'Administration',
    summary: 'Dismiss dead letters',
    description: [
      'For administrators. Removes these dead letters of a consumer for good, and records the reason. The ledger keeps the',
      'events. Ids that no longer exist, or that belong to another consumer, are skipped.',
    ].join(' '),
    caller: 'required',
    body: DismissBody,
    answers: { 204: { description: 'They are dismissed' } },
    problems: ['forbidden', 'not-found'],
  },
} as const satisfies Operations
