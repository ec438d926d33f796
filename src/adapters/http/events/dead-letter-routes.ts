import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type {
  GivenUp,
  ListDeadLetters,
  ListRefusal,
  RedriveDeadLetters,
  RedriveRefusal,
} from '../../../ports/driving/events/dead-letters.ts'
import { json, refuse } from '../edge/answers.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import { cursorNamed, LIMIT, pageOf, readPageQuery } from '../edge/lists.ts'
import type { Operations } from '../openapi/operation.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import { body, text } from '../shared/bodies.ts'

/** What these routes ask the application for. */
export type DeadLetterUseCases = {
  readonly listDeadLetters: ListDeadLetters
  readonly redriveDeadLetters: RedriveDeadLetters
}

const RedriveBody = body({
  consumer: text('Whose dead letters'),
  ids: Type.Optional(
    Type.Array(text('The `id` of a dead letter'), {
      description: 'Only these; left out, those that are there at this moment',
      minItems: 1,
      maxItems: 100,
    }),
  ),
})

/** As many as are done before a client, or a proxy on the way, gives up waiting. */
const AT_ONCE = 1000

const WRONG_PARAMETER = {
  'invalid-consumer': fieldError('consumer', 'not-a-consumer'),
  'invalid-cursor': fieldError('cursor', 'not-readable'),
} as const satisfies Record<ListRefusal['kind'], ReturnType<typeof fieldError>>

const wrongField = (refusal: RedriveRefusal) =>
  refusal.kind === 'invalid-consumer'
    ? fieldError('consumer', 'not-a-consumer')
    : fieldError(`ids/${refusal.index}`, 'not-an-id')

/** What consumers gave up on and what is parked, for administrators. */
export const deadLetterRoutes = (
  { listDeadLetters, redriveDeadLetters }: DeadLetterUseCases,
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
        return json(200, { items: items.map(givenUpBody), nextCursor: next })
      },
      { adminOnly: true },
    )
    .post(
      '/v1/admin/dead-letters/redrive',
      async ({ body: { consumer, ids = null }, caller, request }) => {
        const done = await redriveDeadLetters({ consumer, ids, atMost: AT_ONCE }, caller)
        return done.ok
          ? json(202, done.value)
          : refuse(request, invalidRequest(wrongField(done.refusal)))
      },
      { adminOnly: true, parse: parseJson, body: RedriveBody },
    )

const textOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const countOrNull = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description })

const GivenUpShape = Type.Object(
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
  { $id: 'GivenUp', additionalProperties: false },
)

/** What was given up, without the payload: the ledger has it. */
const givenUpBody = (item: GivenUp): Static<typeof GivenUpShape> => ({
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
    tag: 'Administration',
    summary: 'List what consumers gave up on, and deliveries that are parked',
    description: [
      'For administrators. First the parked deliveries, unless one consumer is asked for, then dead letters, oldest first.',
      'Dead letters are kept for 30 days. A parked delivery is tried anew by `POST /v1/admin/events/replay` with its channel',
      'and user.',
    ].join(' '),
    caller: 'required',
    parameters: [
      LIMIT,
      cursorNamed('cursor'),
      {
        in: 'query',
        name: 'consumer',
        description: 'Only dead letters of this consumer',
        schema: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
      },
    ],
    answers: { 200: { description: 'One page', schema: pageOf(GivenUpShape) } },
    problems: ['forbidden', 'invalid-request'],
  },
  'POST /v1/admin/dead-letters/redrive': {
    tag: 'Administration',
    summary: 'Give a consumer its dead letters once more',
    description: [
      'For administrators. Each goes to the subject that this consumer alone reads, as it was, and is removed once it is',
      'stored there. Repeating is safe: what comes twice or is older than what the consumer has, has no effect there. Ids that',
      'are no longer there, or are dead letters of another consumer, are passed over. At most 1 000 are done at a call, the',
      'oldest first: fewer were all that there were.',
    ].join(' '),
    caller: 'required',
    body: RedriveBody,
    answers: {
      202: {
        description: 'How many were redriven',
        schema: Type.Object({ redriven: Type.Integer() }, { additionalProperties: false }),
      },
    },
    problems: ['forbidden'],
  },
} as const satisfies Operations
