import { createHash } from 'node:crypto'
import type { ExpectedVersions } from '../../../ports/driving/accounts/accounts.ts'

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
export const contentTag = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`

/** True when the client has this very document (RFC 9110 §13.1.2, weak comparison). */
export const isKnown = (request: Request, tag: string): boolean => {
  const tags = request.headers.get('if-none-match')?.split(',') ?? []
  return tags.some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag)
}
