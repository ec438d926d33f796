import { parseUserId } from '../../domain/shared/ids.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Ledger } from '../../ports/driven/events/ledger.ts'
import type { ReadLedger } from '../../ports/driving/events/events.ts'

/** See `ReadLedger`. It parses the user id and turns a cursor that the ledger cannot read into a refusal. */
export const makeReadLedger =
  (ledger: Pick<Ledger, 'read'>): ReadLedger =>
  async ({ after, userId, limit }) => {
    const user = userId === null ? null : parseUserId(userId)
    if (userId !== null && user === null) return fail({ kind: 'invalid-user-id' })
    const page = await ledger.read({ after, userId: user, limit })
    return page === null ? fail({ kind: 'invalid-cursor' }) : ok(page)
  }
