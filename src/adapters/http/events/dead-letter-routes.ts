import { Elysia } from 'elysia'
import type { ListRefusal, RedriveRefusal } from '../../../ports/driving/events/dead-letters.ts'
import { json, refuse } from '../edge/answers.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import { readPageQuery } from '../edge/page-query.ts'
import type { UseCases } from '../needs.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import { RedriveBody } from '../request-bodies.ts'
import { givenUpBody } from './dead-letter-body.ts'

type Needs = Pick<UseCases, 'listDeadLetters' | 'redriveDeadLetters'>

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
export const deadLetterRoutes = ({ listDeadLetters, redriveDeadLetters }: Needs, guards: Guards) =>
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
