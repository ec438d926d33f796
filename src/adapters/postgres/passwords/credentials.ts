import { and, eq, sql } from 'drizzle-orm'
import { CONSECUTIVE_FAILURES_CAP } from '../../../domain/limits/limits.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Credentials } from '../../../ports/driven/passwords/credentials.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { rowsOf } from '../driver/rows.ts'
import { credentials } from '../driver/tables.ts'
import { readSignInRecord } from './sign-in-record.ts'
import type { SignInSuccess } from './sign-in-success.ts'
import { BELOW_CAP_OR_KNOWN, cleared, knownSince, remembering } from './sign-in-success.ts'

export const makeCredentials = (db: Handle): Credentials => ({
  forSignIn: (identifier, prefix, now) => readSignInRecord(db, identifier, prefix, knownSince(now)),
  passwordHash: async (user) => {
    const [found] = await attempt(
      db
        .select({ hash: credentials.passwordHash })
        .from(credentials)
        .where(eq(credentials.userId, user)),
    )
    return found?.hash ?? null
  },
  setPasswordHash: async (userId, passwordHash) => {
    await attempt(
      db
        .insert(credentials)
        .values({ userId, passwordHash })
        .onConflictDoUpdate({ target: credentials.userId, set: { passwordHash } }),
    )
  },
  rehash: async (user, from, to) => {
    await attempt(
      db
        .update(credentials)
        .set({ passwordHash: to })
        .where(and(eq(credentials.userId, user), eq(credentials.passwordHash, from))),
    )
  },
  signInFailed: async (user, prefix) => {
    await attempt(db.execute(user === null ? countNobodys(prefix) : countFailure(user, prefix)))
  },
  signInSucceeded: async (user, prefix, now) =>
    rowsOf(await attempt(db.execute(success({ user, prefix, now })))).length > 0,
})

// The user's row is held, because an account may be deleted while somebody tries to sign in to it. At the cap the row is
// written as it was, or the time would tell that there is such an account.
const countFailure = (user: UserId, prefix: AddressPrefix) => sql`
  with held as (select id from users where id = ${user}::uuid for key share)
  insert into credentials as kept (user_id, consecutive_failures, failures_by_prefix)
  select id, 1, jsonb_build_object(${prefix}::text, 1) from held
  on conflict (user_id) do update set
    consecutive_failures = least(kept.consecutive_failures + 1, ${CONSECUTIVE_FAILURES_CAP}::integer),
    failures_by_prefix = case
      when kept.consecutive_failures < ${CONSECUTIVE_FAILURES_CAP}::integer then kept.failures_by_prefix
        || jsonb_build_object(${prefix}::text, coalesce((kept.failures_by_prefix ->> ${prefix}::text)::integer, 0) + 1)
      else kept.failures_by_prefix
    end`

// Step by step the same on a row that is nobody's. Nobody has neither a row to be found nor a place in the index of the audit
// trail: the series takes as long as those [EN2].
const countNobodys = (prefix: AddressPrefix) => sql`
  with held as (
    select id from nobodies_failures
    where id = ('00000000-0000-0000-0000-00000000000' || to_hex(abs(hashtext(${prefix}::text)) % 16))::uuid
    for key share
  )
  insert into nobodies_failures as kept (id, password_hash, consecutive_failures, failures_by_prefix)
  select id, '', (select least(count(*), 1)::integer from generate_series(1, ${NOBODYS_SERIES}::integer)),
    jsonb_build_object(${prefix}::text, 1)
  from held
  on conflict (id) do update set
    consecutive_failures = least(kept.consecutive_failures + 1, ${CONSECUTIVE_FAILURES_CAP}::integer),
    failures_by_prefix = jsonb_build_object(
      ${prefix}::text, coalesce((kept.failures_by_prefix ->> ${prefix}::text)::integer, 0) + 1
    )`

// An account may have no row of its own yet.
const success = (by: SignInSuccess) => sql`
  with ${remembering(
    by,
    sql`
    insert into credentials as kept (user_id) select id from held
    on conflict (user_id) do update set ${cleared(by.prefix)} where ${BELOW_CAP_OR_KNOWN}
    returning user_id`,
  )}
  select user_id from entered`

/** Measured on PGlite, where statements take longest. */
const NOBODYS_SERIES = 700
