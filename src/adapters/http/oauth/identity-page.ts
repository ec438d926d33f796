import { Buffer } from 'node:buffer'
import { parseProviderId } from '../../../domain/oauth/provider.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { OwnIdentity } from '../../../ports/driving/oauth/oauth.ts'
import type { PageQuery } from '../edge/page-query.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'
import { identityBody } from '../representations.ts'

type Page = {
  readonly items: readonly ReturnType<typeof identityBody>[]
  readonly nextCursor: string | null
}

/** One page of a person's identities, by provider. The cursor names the last one, which may be gone. */
export const identityPage = (
  identities: readonly OwnIdentity[],
  { limit, parameter }: PageQuery,
): Result<Page, Problem> => {
  const cursor = parameter('cursor')
  const after =
    cursor === null ? '' : parseProviderId(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (after === null) return fail(invalidRequest(fieldError('cursor', 'not-readable')))
  const rest = identities.filter(({ provider }) => provider > after)
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return ok({
    items: items.map(identityBody),
    nextCursor:
      last !== undefined && rest.length > items.length
        ? Buffer.from(last.provider).toString('base64url')
        : null,
  })
}
