import { createHash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { ExpectedVersions } from '../../../ports/driving/accounts/accounts.ts'
import type { Parameter } from '../openapi/operation.ts'

/** The header that makes a change conditional on the version that the caller has read. */
export const IF_MATCH: Parameter = {
  in: 'header',
  name: 'If-Match',
  description:
    'The entity tags of the versions that the caller accepts, or `*`. Weak tags never match',
  schema: Type.String({ minLength: 1 }),
  example: '*',
}

/** A user's version as an entity tag. */
export const versionTag = (version: number): string => `"${version}"`

const STRONG_VERSION = /^"([1-9][0-9]{0,14})"$/

/**
 * The versions that an If-Match names. Tags that are weak, or no version, never match (RFC 9110 §13.1.1); a header
 * that holds nothing else therefore matches no user.
 */
export const expectedVersions = (request: Request): ExpectedVersions => {
  const header = request.headers.get('if-match')
  if (header === null || header.trim() === '*') return null
  return header.split(',').flatMap((tag) => {
    const version = STRONG_VERSION.exec(tag.trim())?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** A tag for a document that changes seldom. */
const contentTag = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`

/** True when the client has this very document (RFC 9110 §13.1.2, weak comparison). */
const isKnown = (request: Request, tag: string): boolean => {
  const tags = request.headers.get('if-none-match')?.split(',') ?? []
  return tags.some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag)
}

export const FIVE_MINUTES = 'public, max-age=300'
export const ONE_HOUR = 'public, max-age=3600'

/** Answers a document that every cache may store for a while. A client that has the same document already gets 304. */
export const cacheable = (
  request: Request,
  content: string,
  contentType: string,
  cacheControl: string,
): Response => {
  const tag = contentTag(content)
  const headers = { etag: tag, 'cache-control': cacheControl }
  return isKnown(request, tag)
    ? new Response(null, { status: 304, headers })
    : new Response(content, { headers: { 'content-type': contentType, ...headers } })
}
