import { Buffer } from 'node:buffer'
import type { Session } from '../../../domain/sessions/session.ts'
import type { SessionId } from '../../../domain/shared/ids.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { PageQuery } from '../edge/page-query.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'
import { sessionBody } from '../representations.ts'

type Page = {
  readonly items: readonly ReturnType<typeof sessionBody>[]
  readonly nextCursor: string | null
}

/** One page of a person's sessions, newest first. The cursor names a place, so the session there may have ended. */
export const sessionPage = (
  sessions: readonly Session[],
  current: SessionId,
  query: PageQuery,
): Result<Page, Problem> => {
  const cursor = query.parameter('cursor')
  const after = cursor === null ? null : readPlace(cursor)
  if (cursor !== null && after === null)
    return fail(invalidRequest(fieldError('cursor', 'not-readable')))
  const rest = sessions
    .toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
    .filter((session) => after === null || comparePlaces(placeOf(session), after) > 0)
  const items = rest.slice(0, query.limit)
  const last = items.at(-1)
  return ok({
    items: items.map((session) => sessionBody(session, session.id === current)),
    nextCursor: last !== undefined && rest.length > items.length ? writePlace(placeOf(last)) : null,
  })
}

type Place = { readonly createdAt: number; readonly id: string }

const placeOf = ({ createdAt, id }: Session): Place => ({ createdAt: createdAt.getTime(), id })

const comparePlaces = (a: Place, b: Place): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

const writePlace = ({ createdAt, id }: Place): string =>
  Buffer.from(`${createdAt}.${id}`).toString('base64url')

const PLACE = /^(\d{1,15})\.([0-9a-f-]{36})$/

const readPlace = (cursor: string): Place | null => {
  const [, createdAt, id] = PLACE.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  return createdAt === undefined || id === undefined ? null : { createdAt: Number(createdAt), id }
}
