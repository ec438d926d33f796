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

/** Runs statements that have no values, as they are. */
export const makeTables = async ({ sql }: Database, ...others: readonly string[]) => {
  for (const statement of [TABLE, ...others])
    await sql(Object.assign([statement], { raw: [statement] }))
}

/** Writes what the event says, unless something newer is there: false then. A deleted user stays as a row, so that nothing revives them. */
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

/** FNV-1a of the id: the shards of the service. */
const shardOf = (userId: string): number => {
  let hash = 0x811c9dc5
  for (const character of userId) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  return hash % SHARDS
}

/** What is held, for comparison: see docs/backend.md. */
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

/** The same of one shard, user by user: where digests differ, this tells in whom. */
export const membersOfShard = async (sql: Sql, shard: number) => ({
  users: (await listMembers(sql))
    .filter(({ id }) => shardOf(String(id)) === shard)
    .map(({ id, version }) => ({ id, version })),
})
