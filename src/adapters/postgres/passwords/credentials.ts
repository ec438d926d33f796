import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Identifier } from '../../../domain/accounts/identifier.ts'
import type { Credentials } from '../../../ports/driven/passwords/credentials.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { credentials, hasIdentifier, textOfIdentifier, userOf, users } from '../driver/tables.ts'
import { remainingFailures } from './remaining-failures.ts'
import { raiseRevocations } from './revocations.ts'
import type { SignInValues } from './sign-in-success.ts'
import {
  BELOW_CAP_OR_KNOWN,
  CLEARED_FAILURES,
  FAILURES_CAP,
  KNOWN_SINCE,
  NOW,
  PREFIX,
  signInSuccess,
  valuesOfSignIn,
} from './sign-in-success.ts'

export const makeCredentials = (db: Handle): Credentials => ({
  forSignIn: async (identifier, prefix, now) => {
    const statement = selectSignInRecord[identifier.kind]({
      identifier: textOfIdentifier(identifier),
      ...valuesOfSignIn(prefix, now),
    })
    const [row] = rowsOf<SignInColumns>(await attempt(db.execute(statement)))
    if (row === undefined) throw new Error('the statement did not answer the decoy user')
    const user = readRow(users, row)
    // Made for the decoy too, so that it takes as long [EN2].
    const record = {
      user: userOf(user),
      passwordHash: row.password_hash,
      consecutiveFailures: Number(row.consecutive_failures),
      knownPrefix: row.known_prefix,
    }
    return user.id === DECOY_ID ? null : record
  },
  passwordHash: async (user) => {
    const [found] = await attempt(
      db
        .select({ hash: credentials.passwordHash })
        .from(credentials)
        .where(eq(credentials.userId, user)),
    )
    return found?.hash ?? null
  },
  lock: async (user) => {
    // Two statements: the second one sees what was committed while the first one waited.
    await attempt(db.select({ id: users.id }).from(users).where(eq(users.id, user)).for('update'))
    const [found] = await attempt(
      db
        .select({ passwordHash: credentials.passwordHash, revocations: credentials.revocations })
        .from(users)
        .leftJoin(credentials, eq(credentials.userId, users.id))
        .where(eq(users.id, user)),
    )
    return found === undefined ? null : { ...found, revocations: found.revocations ?? 0 }
  },
  revocations: async (user) => {
    const [found] = await attempt(
      db
        .select({ revocations: credentials.revocations })
        .from(credentials)
        .where(eq(credentials.userId, user)),
    )
    return found?.revocations ?? 0
  },
  revoke: (user) => raiseRevocations(db, user),
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
  signInFailed: async (user, prefix, now) => {
    const values = valuesOfSignIn(prefix, now)
    const statement = user === null ? countDecoyFailure(values) : countFailure({ ...values, user })
    await attempt(db.execute(statement))
  },
  signInSucceeded: async (user, prefix, now) =>
    rowsOf(await attempt(db.execute(recordSuccess({ ...valuesOfSignIn(prefix, now), user }))))
      .length > 0,
  clearFailures: async (user) => {
    await attempt(
      db
        .update(credentials)
        .set({ consecutiveFailures: 0, failuresByPrefix: {} })
        .where(eq(credentials.userId, user)),
    )
  },
})

type SignInColumns = {
  readonly password_hash: string | null
  readonly consecutive_failures: unknown
  readonly known_prefix: boolean
}

type PrefixValues = Omit<SignInValues, 'user'>

const { count, byPrefix, halvedAt } = remainingFailures(NOW)

const USER_COLUMNS = Object.values(getTableColumns(users))
const COLUMNS = sql.join(USER_COLUMNS, sql`, `)

// The lowest of all ids, so that every user comes before the decoy.
const DECOY_ID = '00000000-0000-0000-0000-000000000000'
const DECOY_VALUES: Readonly<Record<string, string>> = {
  uuid: DECOY_ID,
  bigint: '1',
  text: 'nobody',
  boolean: 'false',
  'timestamp with time zone': 'epoch',
}
const DECOY_ROW = sql.raw(
  USER_COLUMNS.map((column) => column.getSQLType())
    .map((type) => `'${DECOY_VALUES[type]}'::${type}`)
    .join(', '),
)

// Answers the user with this identifier, or the decoy user. The decoy is a whole row as well, or the time would tell
// whether there is an account [EN2].
const signInRecordBy = (kind: Identifier['kind']) =>
  prepareStatement<PrefixValues & { readonly identifier: string }>(
    () => sql`
  select asked.*, credential.password_hash, coalesce(${count}, 0) as consecutive_failures,
    sign_in_prefixes.prefix is not null as known_prefix
  from (
    select ${COLUMNS} from users where ${hasIdentifier(kind, sql.placeholder('identifier'))}
    union all select ${DECOY_ROW}
    order by id desc limit 1
  ) asked
  left join credentials as credential on credential.user_id = asked.id
  left join sign_in_prefixes on sign_in_prefixes.user_id = asked.id and sign_in_prefixes.prefix = ${PREFIX}
    and sign_in_prefixes.last_success_at > ${KNOWN_SINCE}`,
  )

const selectSignInRecord = {
  email: signInRecordBy('email'),
  username: signInRecordBy('username'),
} as const

/** What counts one more failure in the row `credential`. At the cap the row is written unchanged, or the time would tell. */
const ONE_MORE_FAILURE = sql`
    consecutive_failures = least(${count} + 1, ${FAILURES_CAP}),
    failures_by_prefix = case when ${count} < ${FAILURES_CAP}
      then ${byPrefix} || jsonb_build_object(${PREFIX}, coalesce((${byPrefix} ->> ${PREFIX})::integer, 0) + 1)
      else credential.failures_by_prefix end,
    failures_halved_at = case when ${count} = 0 then ${NOW} else ${halvedAt} end`

// Locks the user's row, because the account may be deleted during a sign-in.
const countFailure = prepareStatement<SignInValues>(
  () => sql`
  with held as (select id from users where id = ${sql.placeholder('user')}::uuid for key share)
  insert into credentials as credential (user_id, consecutive_failures, failures_by_prefix, failures_halved_at)
  select id, 1, jsonb_build_object(${PREFIX}, 1), ${NOW} from held
  on conflict (user_id) do update set ${ONE_MORE_FAILURE}`,
)

/** Measured on PGlite, where statements take longest. */
const DECOY_SERIES = 480

// The same steps on a row that belongs to no user. An unknown identifier has no row to find and no entry in the index of
// the audit trail; the series takes as long as those [EN2].
const countDecoyFailure = prepareStatement<PrefixValues>(
  () => sql`
  with held as (
    select id from nobodies_failures
    where id = ('00000000-0000-0000-0000-00000000000' || to_hex(abs(hashtext(${PREFIX})) % 16))::uuid
    for key share
  )
  insert into nobodies_failures as credential
    (id, password_hash, consecutive_failures, failures_by_prefix, failures_halved_at)
  select id, '', (select least(count(*), 1)::integer from generate_series(1, ${sql.raw(String(DECOY_SERIES))})),
    jsonb_build_object(${PREFIX}, 1), ${NOW}
  from held
  on conflict (id) do update set ${ONE_MORE_FAILURE}`,
)

// Inserts the row of credentials when the account has none yet.
const recordSuccess = prepareStatement<SignInValues>(
  () => sql`
  with ${signInSuccess(sql`
    insert into credentials as credential (user_id) select id from held
    on conflict (user_id) do update set ${CLEARED_FAILURES} where ${BELOW_CAP_OR_KNOWN}
    returning user_id`)}
  select user_id from succeeded`,
)
