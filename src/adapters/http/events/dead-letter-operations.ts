import { Type } from '@sinclair/typebox'
import type { Operations } from '../openapi/operation.ts'
import { cursorNamed, LIMIT } from '../openapi/parameters.ts'
import { pageOf } from '../representations.ts'
import { RedriveBody } from '../request-bodies.ts'
import { GivenUpShape } from './dead-letter-body.ts'

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
