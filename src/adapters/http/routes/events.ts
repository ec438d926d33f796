import { Elysia } from 'elysia'
import type { LedgerPage } from '../../../ports/driving/events.ts'
import { json, refuse } from '../answers.ts'
import type { Guards } from '../guards.ts'
import { fieldError, invalidRequest } from '../invalid-fields.ts'
import { ledgerEntryBody } from '../ledger-entry.ts'
import type { UseCases } from '../needs.ts'
import { readPageQuery } from '../page-query.ts'

type Ledger = Pick<UseCases, 'readLedger'>
type Refusal = Extract<
  Awaited<ReturnType<UseCases['readLedger']>>,
  { readonly ok: false }
>['refusal']

const WRONG_PARAMETER = {
  'invalid-cursor': fieldError('after', 'not-readable'),
  'invalid-user-id': fieldError('userId', 'not-an-id'),
} as const satisfies Record<Refusal['kind'], ReturnType<typeof fieldError>>

/** What administrators see of the events. */
export const eventRoutes = ({ readLedger }: Ledger, guards: Guards) =>
  new Elysia().use(guards).get(
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

const pageBody = ({ entries, next }: LedgerPage) => ({
  items: entries.map(ledgerEntryBody),
  nextCursor: next,
})
