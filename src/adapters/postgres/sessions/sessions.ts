import type { SQL } from 'drizzle-orm'
import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Session, SessionLifetimes } from '../../../domain/sessions/session.ts'
import { ROTATION_GRACE_SECONDS } from '../../../domain/sessions/session.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'
import type { AuditEntry } from '../../../ports/driven/audit/audit-trail.ts'
import type { ReadSessionState } from '../../../ports/driven/sessions/session-states.ts'
import type { Sessions } from '../../../ports/driven/sessions/sessions.ts'
import type { Database, Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { gather } from '../driver/gather.ts'
import { prepareStatement } from '../driver/prepared-statement.ts'
import { arrayText, insertSelect, namedInstant, readRow, rowsOf } from '../driver/rows.ts'
import { auditLog, sessions, sessionsFromCodes, userOf, users } from '../driver/tables.ts'
import { raiseRevocations } from '../passwords/revocations.ts'

export const makeSessions = (db: Handle, traceId: () => string | null): Sessions => ({
  find: async (id) => {
    const [row] = await attempt(db.select().from(sessions).where(eq(sessions.id, id)))
    return row ?? null
  },
  start: async (session) => {
    await attempt(db.insert(sessions).values({ ...session, rotations: [...session.rotations] }))
  },
  startFromCode: async (session, codeHash) => {
    const started = await attempt(
      db
        .insert(sessionsFromCodes)
        .values({ ...session, rotations: [...session.rotations], codeHash })
        .onConflictDoNothing({ target: sessionsFromCodes.codeHash })
        .returning({ id: sessionsFromCodes.id }),
    )
    return started.length > 0
  },
  rotate: async (id, generation, { idleSeconds }, now) => {
    const statement = rotateSession({ id, generation, idleSeconds, now: now.toISOString() })
    const [row] = rowsOf(await attempt(db.execute(statement)))
    return row === undefined ? null : readRow(sessions, row)
  },
  lock: async (id, user, now) => {
    const live = await attempt(
      db
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(eq(sessions.id, id), eq(sessions.userId, user), isLive(now)))
        .for('no key update'),
    )
    return live.length > 0
  },
  reauthenticated: async (id, now) => {
    await attempt(
      db
        .update(sessions)
        .set({ authenticatedAt: now })
        .where(and(eq(sessions.id, id), isLive(now))),
    )
  },
  end: async (id, user, now) => {
    const ended = await attempt(
      db
        .update(sessions)
        .set({ endedAt: now })
        .where(and(eq(sessions.id, id), eq(sessions.userId, user), isLive(now)))
        .returning({ id: sessions.id }),
    )
    return ended.length > 0
  },
  endAll: async (user, except, now) => {
    // First, and in a statement of its own: it waits for whoever is opening a session of the account, and the next one sees that session.
    await raiseRevocations(db, user)
    const others = except === null ? undefined : sql`${sessions.id} <> ${except}::uuid`
    await attempt(
      db
        .update(sessions)
        .set({ endedAt: now })
        .where(and(eq(sessions.userId, user), isNull(sessions.endedAt), others)),
    )
  },
  endSurplus: async (user, { entry, ...surplus }, now) => {
    const statement = endSurplus({
      ...surplus,
      user,
      now: now.toISOString(),
      entry: { ...entry, traceId: traceId() },
    })
    return rowsOf(await attempt(db.execute(statement))).length
  },
  ofUser: (user, now, { after, limit }) => {
    const place = sql`(${sessions.createdAt}, ${sessions.id})`
    const isAfter =
      after === null
        ? undefined
        : sql`${place} < (${after.createdAt.toISOString()}::text::timestamptz, ${after.id}::uuid)`
    return attempt(
      db
        .select()
        .from(sessions)
        .where(and(eq(sessions.userId, user), isLive(now), isAfter))
        .orderBy(desc(sessions.createdAt), desc(sessions.id))
        .limit(limit),
    )
  },
})

/**
 * Reads a session with its user, both as stored now. Reads that arrive within a few milliseconds are one indexed query, because under
 * load nearly every request makes one.
 */
export const makeReadSessionState = ({ db }: Database): ReadSessionState => {
  const bySession = db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(sql`${sessions.id} = any (${sql.placeholder('ids')}::text::uuid[])`)
    .prepare('session_states')

  return gather({
    run: async (ids: readonly SessionId[]) => {
      const found = await attempt(bySession.execute({ ids: arrayText(ids) }))
      const states = new Map(
        found.map(({ session, user }) => [session.id, { session, user: userOf(user) }]),
      )
      return ids.map((id) => states.get(id) ?? null)
    },
    everyMs: 8,
    busyRate: 1000,
    gapMs: 2,
    most: 64,
    atOnce: 4,
    waiting: 512,
  })
}

const isLive = (now: Date): SQL | undefined =>
  and(
    isNull(sessions.endedAt),
    gt(sessions.idleExpiresAt, now),
    gt(sessions.absoluteExpiresAt, now),
  )

type SurplusValues = {
  readonly user: UserId
  readonly opened: SessionId
  readonly keep: number
  readonly atOnce: number
  readonly now: string
  readonly entry: AuditEntry & { readonly traceId: string | null }
}

const NOW = namedInstant('now')

// Two calls at once may choose the same sessions. The second waits for the first, finds them ended and skips them. It waits at
// the user's row, which whoever ends all sessions or deletes the account locks first too: the sessions themselves are locked in
// another order there, and two statements would wait for each other. Without surplus nothing is locked.
const endSurplus = prepareStatement<SurplusValues>(
  () => sql`
  with surplus as (
    select id from sessions
    where user_id = ${sql.placeholder('user')}::uuid and ended_at is null
      and idle_expires_at > ${NOW} and absolute_expires_at > ${NOW}
    order by id = ${sql.placeholder('opened')}::uuid desc, last_used_at desc, id desc
    offset ${sql.placeholder('keep')}::integer limit ${sql.placeholder('atOnce')}::integer
  ),
  held as (select id from users where id = ${sql.placeholder('user')}::uuid and exists (select from surplus) for update),
  ended as (
    update sessions set ended_at = ${NOW} from held, surplus
    where sessions.id = surplus.id and sessions.ended_at is null
    returning sessions.id
  ),
  audited as (${insertSelect(auditLog, 'entry', { sessionId: sql`ended.id` })} from ended)
  select id from ended`,
)

type RotationValues = {
  readonly id: SessionId
  readonly generation: Session['generation']
  readonly idleSeconds: SessionLifetimes['idleSeconds']
  readonly now: string
}

// The domain's `rotated` as one conditional statement. A second concurrent caller finds another generation.
const rotateSession = prepareStatement<RotationValues>(
  () => sql`
  update sessions set
    generation = sessions.generation + 1,
    last_used_at = ${NOW},
    idle_expires_at = least(${NOW} + make_interval(secs => ${sql.placeholder('idleSeconds')}::integer), absolute_expires_at),
    rotations = array_prepend(${NOW}, array(
      select rotated_at from unnest(rotations) with ordinality as kept (rotated_at, place)
      where place <= (
        select max(place) from unnest(rotations) with ordinality as young (rotated_at, place)
        where ${NOW} - rotated_at <= make_interval(secs => ${sql.raw(String(ROTATION_GRACE_SECONDS))})
      )
      order by place
    ))
  from users
  where sessions.id = ${sql.placeholder('id')}::uuid and sessions.generation = ${sql.placeholder('generation')}::integer
    and ended_at is null and idle_expires_at > ${NOW} and absolute_expires_at > ${NOW}
    and users.id = sessions.user_id and users.is_active
  returning sessions.*`,
)
