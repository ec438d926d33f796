import type { SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { Identifier } from '../../../ports/driven/accounts/users.ts'
import type { SignInRecord } from '../../../ports/driven/passwords/credentials.ts'
import { identifiedBy, userOf } from '../accounts/users.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { readRow, rowsOf } from '../driver/rows.ts'
import { users } from '../driver/tables.ts'

type Columns = {
  readonly password_hash: string | null
  readonly consecutive_failures: unknown
  readonly known_prefix: boolean
}

/**
 * What a sign-in is decided on; null when nobody is called so. A whole row is read and made out for nobody too, or the
 * time would tell who has an account [EN2].
 */
export const readSignInRecord = async (
  db: Handle,
  identifier: Identifier,
  prefix: AddressPrefix,
  knownSince: string,
): Promise<SignInRecord | null> => {
  const statement = selection(identifier, prefix, knownSince)
  const [row] = rowsOf<Columns>(await attempt(db.execute(statement)))
  if (row === undefined) throw new Error('not even nobody was found')
  const user = readRow(users, row)
  const record = {
    user: userOf(user),
    passwordHash: row.password_hash,
    consecutiveFailures: Number(row.consecutive_failures),
    knownPrefix: row.known_prefix,
  }
  return user.id === NOBODYS_ID ? null : record
}

const selection = (identifier: Identifier, prefix: AddressPrefix, knownSince: string): SQL => sql`
  select asked.*, credentials.password_hash, coalesce(credentials.consecutive_failures, 0) as consecutive_failures,
    sign_in_prefixes.prefix is not null as known_prefix
  from (
    select ${COLUMNS} from users where ${identifiedBy(identifier)}
    union all select ${NOBODY}
    order by id desc limit 1
  ) asked
  left join credentials on credentials.user_id = asked.id
  left join sign_in_prefixes on sign_in_prefixes.user_id = asked.id and sign_in_prefixes.prefix = ${prefix}::text
    and sign_in_prefixes.last_success_at > ${knownSince}::text::timestamptz`

const USER_COLUMNS = Object.values(getTableColumns(users))
const COLUMNS = sql.join(USER_COLUMNS, sql`, `)

/** The least of all ids. */
const NOBODYS_ID = '00000000-0000-0000-0000-000000000000'
const NOBODYS_VALUES: Readonly<Record<string, string>> = {
  uuid: NOBODYS_ID,
  bigint: '1',
  text: 'nobody',
  boolean: 'false',
  'timestamp with time zone': 'epoch',
}
const NOBODY = sql.raw(
  USER_COLUMNS.map((column) => column.getSQLType())
    .map((type) => `'${NOBODYS_VALUES[type]}'::${type}`)
    .join(', '),
)
