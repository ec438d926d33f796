import { Elysia } from 'elysia'
import type { LedgerPage, ReplayRefusal } from '../../../ports/driving/events/events.ts'
import { json, refuse } from '../edge/answers.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import { readPageQuery } from '../edge/page-query.ts'
import type { UseCases } from '../needs.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import { ReplayBody } from '../request-bodies.ts'
import { ledgerEntryBody } from './ledger-entry.ts'

type Needs = Pick<UseCases, 'readLedger' | 'replayEvents'>
type Refusal = Extract<
  Awaited<ReturnType<UseCases['readLedger']>>,
  { readonly ok: false }
>['refusal']

const WRONG_PARAMETER = {
  'invalid-cursor': fieldError('after', 'not-readable'),
  'invalid-user-id': fieldError('userId', 'not-an-id'),
} as const satisfies Record<Refusal['kind'], ReturnType<typeof fieldError>>

const WRONG_REPLAY = {
  'unknown-channel': fieldError('channel', 'unknown-channel'),
  'invalid-user-id': fieldError('userId', 'not-an-id'),
  'invalid-from': fieldError('from', 'not-an-instant'),
  'invalid-to': fieldError('to', 'not-an-instant'),
  'empty-span': fieldError('to', 'not-after-from'),
} as const satisfies Record<ReplayRefusal['kind'], ReturnType<typeof fieldError>>

/** What administrators see of the events, and may have delivered again. */
export const eventRoutes = ({ readLedger, replayEvents }: Needs, guards: Guards) =>
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
          : refuse(request, invalidRequest(WRONG_REPLAY[replay.refusal.kind]))
      },
      { adminOnly: true, parse: parseJson, body: ReplayBody },
    )

const pageBody = ({ entries, next }: LedgerPage) => ({
  items: entries.map(ledgerEntryBody),
  nextCursor: next,
})
