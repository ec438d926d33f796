import { createHash } from 'node:crypto'
import type { UserEvent } from '@auth-service/user-events'
import type { Database, Sql } from './database.ts'

const TABLE = `create table if not exists members (
  user_id text primary key,
  email text,
  username text not null,
  role text not null,
  is_active boolean not null,
  is_deleted boolean not null,
  version bigint not null
)`

/** Creates the table of members, and runs further statements that have no parameters. */
export const makeTables = async ({ sql }: Database, ...others: readonly string[]) => {
  for (const statement of [TABLE, ...others])
    await sql(Object.assign([statement], { raw: [statement] }))
}

/**
 * Writes the user's state, unless the row has the same or a newer version: then it answers false. A deleted user stays as a
 * row, so that no late event revives the user.
 */
export const applyToMembers = async (event: UserEvent, sql: Sql): Promise<boolean> => {
  const { id, email, username, role, isActive } = event.data
  const rows = await sql`
    insert into members (user_id, email, username, role, is_active, is_deleted, version)
    values (${id}, ${email}, ${username}, ${role}, ${isActive}, ${event.action === 'deleted'}, ${String(event.version)}::text::bigint)
    on conflict (user_id) do update set email = excluded.email, username = excluded.username, role = excluded.role,
      is_active = excluded.is_active, is_deleted = excluded.is_deleted, version = excluded.version
    where members.version < excluded.version
    returning user_id`
  return rows.length > 0
}

export const listMembers = (sql: Sql) => sql`
  select user_id as id, email, username, role, is_active as "isActive", version::float8 as version
  from members where not is_deleted order by user_id collate "C"`

const SHARDS = 64

/** The user's shard, computed as auth-service does: FNV-1a of the id. */
const shardOf = (userId: string): number => {
  let hash = 0x811c9dc5
  for (const character of userId) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  return hash % SHARDS
}

/** The digest of all members by shard, as docs/backend.md describes it. */
export const digestMembers = async (sql: Sql) => {
  const lines: string[][] = Array.from({ length: SHARDS }, () => [])
  for (const { id, version } of await listMembers(sql))
    lines[shardOf(String(id))]?.push(`${id}:${version}\n`)
  return {
    shards: lines.map((held, shard) => ({
      shard,
      users: held.length,
      sha256: createHash('sha256').update(held.join('')).digest('hex'),
    })),
  }
}

/** The ids and versions of one shard, to find the users in whom two digests differ. */
export const membersOfShard = async (sql: Sql, shard: number) => ({
  users: (await listMembers(sql))
    .filter(({ id }) => shardOf(String(id)) === shard)
    .map(({ id, version }) => ({ id, version })),
})
