import type { SQL } from 'drizzle-orm'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { secondsAfter } from '../../../domain/shared/instants.ts'
import type {
  IdempotencyKeys,
  IdempotentRequest,
} from '../../../ports/driven/accounts/idempotency-keys.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'
import { idempotencyKeys } from '../driver/tables.ts'

export const IDEMPOTENCY_KEY_LIFETIME_SECONDS = 24 * 3600
const CLAIM_LIFETIME_SECONDS = 60

export const makeIdempotencyKeys = (db: Handle): IdempotencyKeys => ({
  claim: async (request, now) => {
    const claimed = rowsOf(await attempt(db.execute(claimRequest(request, now))))
    if (claimed.length > 0) return { kind: 'claimed' }
    const [known] = await attempt(
      db.select().from(idempotencyKeys).where(eq(idempotencyKeys.keyMac, request.keyMac)),
    )
    // A claim that was released a moment ago counts as running too: the client tries again.
    return known === undefined || known.userId === null
      ? { kind: 'running' }
      : { kind: 'completed', bodyMac: known.bodyMac, userId: known.userId }
  },
  release: async (request) => {
    const { keyMac, bodyMac, completedAt } = idempotencyKeys
    await attempt(
      db
        .delete(idempotencyKeys)
        .where(and(eq(keyMac, request.keyMac), eq(bodyMac, request.bodyMac), isNull(completedAt))),
    )
  },
})

/** Completes the claim of the `request` among the values with the user in `saved`, if the request still holds it. */
export const completeRequest = (now: SQL): SQL => sql`
  update idempotency_keys set user_id = saved.id, completed_at = ${now} from saved
  where key_mac = ${sql.placeholder('request.keyMac')}::text and body_mac = ${sql.placeholder('request.bodyMac')}::text
    and idempotency_keys.completed_at is null`

const claimRequest = ({ keyMac, bodyMac }: IdempotentRequest, now: Date): SQL => {
  const ago = (seconds: number) =>
    sql`${secondsAfter(now, -seconds).toISOString()}::text::timestamptz`
  return sql`
    insert into idempotency_keys as held (key_mac, body_mac, claimed_at)
    values (${keyMac}::text, ${bodyMac}::text, ${now.toISOString()}::text::timestamptz)
    on conflict (key_mac) do update
      set body_mac = excluded.body_mac, claimed_at = excluded.claimed_at, user_id = null, completed_at = null
      where held.claimed_at <= ${ago(IDEMPOTENCY_KEY_LIFETIME_SECONDS)}
        or (held.completed_at is null and held.claimed_at <= ${ago(CLAIM_LIFETIME_SECONDS)})
    returning key_mac`
}
