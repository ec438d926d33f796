import { sql } from 'drizzle-orm'
import { parseSessionId, parseUserId } from '../src/domain/shared/ids.ts'
import { CALLERS } from './callers/call.ts'

const present = <T>(value: T | null): T => {
  if (value === null) throw new Error('not an id')
  return value
}

/** One user, and a session for each caller: nobody waits for another's lock. */
export const ROW = {
  id: present(parseUserId('01999999-9999-7999-8999-999999999901')),
  sessions: Array.from({ length: CALLERS }, (_, caller) =>
    present(parseSessionId(`01999999-9999-7999-8999-99999999991${caller}`)),
  ),
} as const

/** The service's columns without its triggers, constraints and other indexes, and the rows above. */
export const TABLES = [
  sql`create table if not exists users (
    id uuid primary key, version bigint not null, email text, email_verified boolean not null,
    username text not null, username_canonical text not null, username_skeleton text not null,
    display_name text, avatar text, role text not null, is_active boolean not null,
    created_at timestamptz not null, updated_at timestamptz not null)`,
  sql`create table if not exists sessions (
    id uuid primary key, user_id uuid not null, generation integer not null, salt bytea not null,
    created_at timestamptz not null, last_used_at timestamptz not null, authenticated_at timestamptz not null,
    idle_expires_at timestamptz not null, absolute_expires_at timestamptz not null, ended_at timestamptz,
    rotations timestamptz[] not null default '{}', user_agent text, address_prefix text)`,
  sql`insert into users values (
    ${ROW.id}::uuid, 1, 'reader@bench.example', false, 'reader', 'reader', 'reader', 'Reader', null, 'user', true,
    now(), now())`,
  ...ROW.sessions.map(
    (id) => sql`insert into sessions values (
      ${id}::uuid, ${ROW.id}::uuid, 1, decode(repeat('ab', 32), 'hex'), now(), now(), now(), now(), now())`,
  ),
]
