import postgres from 'postgres'

/**
 * A user's change with its event as one would write it by hand: BEGIN, a statement each, COMMIT. The tables are those of
 * the service, triggers and indexes included, and nobody delivers what is owed.
 */
export const makeBareTransaction = async (
  url: string,
  callers: number,
): Promise<(caller: number) => Promise<boolean>> => {
  const sql = postgres(url, { max: callers, onnotice: () => {} })
  const users = await Promise.all(Array.from({ length: callers }, () => insertUser(sql)))
  const versions = users.map(() => 1)
  return async (caller) => {
    const id = users[caller] ?? ''
    const version = (versions[caller] ?? 0) + 1
    versions[caller] = version
    const name = `Name ${version}`
    const event = crypto.randomUUID()
    return sql.begin(async (tx) => {
      const [route] = await tx`select mode, epoch from sync_mode for share`
      const [user] = await tx`
        update users set version = version + 1, display_name = ${name}, updated_at = clock_timestamp(),
          event_id = ${event}
        where id = ${id} and version = ${version - 1} returning *`
      await recordEvent(tx, { event, user: id, version, action: 'updated' }, route ?? {})
      return user !== undefined
    })
  }
}

const STATE = {
  ...{ email: 'somebody@bench.example', emailVerified: false, username: 'somebody' },
  ...{ displayName: 'Somebody', avatar: null, role: 'user', isActive: true },
}

const insertUser = async (sql: postgres.Sql): Promise<string> => {
  const [id, event] = [crypto.randomUUID(), crypto.randomUUID()]
  await sql.begin(async (tx) => {
    const [route] = await tx`select mode, epoch from sync_mode for share`
    await tx`
      insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton,
        role, is_active, created_at, updated_at, event_id)
      values (${id}, 1, ${id}, false, ${id}, ${id}, ${id}, 'user', true, now(), now(),
        ${event})`
    await recordEvent(tx, { event, user: id, version: 1, action: 'created' }, route ?? {})
  })
  return id
}

type RecordedEvent = {
  readonly event: string
  readonly user: string
  readonly version: number
  readonly action: string
}

const recordEvent = async (
  tx: postgres.TransactionSql,
  { event, user, version, action }: RecordedEvent,
  { mode, epoch }: postgres.Row,
): Promise<void> => {
  const [recorded] = await tx`
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, occurred_at, route_mode,
      route_epoch)
    values (${user}, ${version}, ${event}, 1, ${action}, ${tx.json(STATE)}, '{displayName}', clock_timestamp(),
      ${mode}, ${epoch})
    returning day, position`
  await tx`
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
    values (${user}, ${version}, 'nats:user.events', ${event}, ${recorded?.['day']}, 1, ${recorded?.['position']})`
}
