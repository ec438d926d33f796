import type { AddressPrefix } from '../shared/address-prefix.ts'
import type { SessionId, UserId } from '../shared/ids.ts'
import { secondsAfter, secondsBetween } from '../shared/instants.ts'

export type Session = {
  readonly id: SessionId
  readonly userId: UserId
  /** The number of the current refresh token; counts from 1. */
  readonly generation: number
  /** Part of the input of the refresh token's MAC, so that a leaked key alone does not make a token. */
  readonly salt: Uint8Array
  readonly createdAt: Date
  readonly lastUsedAt: Date
  /** When the owner last signed in or confirmed the password. A refresh does not count. */
  readonly authenticatedAt: Date
  readonly idleExpiresAt: Date
  readonly absoluteExpiresAt: Date
  readonly endedAt: Date | null
  /** The instants of the latest rotations, newest first, as far back as the grace period reaches. */
  readonly rotations: readonly Date[]
  readonly userAgent: string | null
  readonly addressPrefix: AddressPrefix | null
}

/** An account has at most so many live sessions. */
export const MAXIMUM_SESSIONS = 50

export type SessionLifetimes = { readonly idleSeconds: number; readonly absoluteSeconds: number }

/** The grace period: a client that lost the answer, or a second tab, may present a rotated token for this long. */
export const ROTATION_GRACE_SECONDS = 10
/** Deleting an account, for example, needs an authentication that is no older than this. */
const RECENT_LOGIN_SECONDS = 300

/** The place of a session in the list of a user's sessions. */
export type SessionPlace = Pick<Session, 'createdAt' | 'id'>

export type SessionPage = {
  /** The page begins after this place; with the newest session when it is null. */
  readonly after: SessionPlace | null
  readonly limit: number
}

export type Client = {
  readonly userAgent: string | null
  readonly addressPrefix: AddressPrefix
}

export const startSession = (
  id: SessionId,
  userId: UserId,
  salt: Uint8Array,
  client: Client,
  lifetimes: SessionLifetimes,
  now: Date,
): Session => ({
  id,
  userId,
  generation: 1,
  salt,
  createdAt: now,
  lastUsedAt: now,
  authenticatedAt: now,
  idleExpiresAt: secondsAfter(now, Math.min(lifetimes.idleSeconds, lifetimes.absoluteSeconds)),
  absoluteExpiresAt: secondsAfter(now, lifetimes.absoluteSeconds),
  endedAt: null,
  rotations: [],
  ...client,
})

export const isLive = (session: Session, now: Date): boolean =>
  session.endedAt === null && now < session.idleExpiresAt && now < session.absoluteExpiresAt

export const isRecentlyAuthenticated = (session: Session, now: Date): boolean =>
  secondsBetween(session.authenticatedAt, now) <= RECENT_LOGIN_SECONDS

/** The session after its current token was rotated. The idle expiry moves; the absolute expiry never does. */
export const rotated = (session: Session, lifetimes: SessionLifetimes, now: Date): Session => {
  const idleEnd = secondsAfter(now, lifetimes.idleSeconds)
  return {
    ...session,
    generation: session.generation + 1,
    lastUsedAt: now,
    idleExpiresAt: idleEnd < session.absoluteExpiresAt ? idleEnd : session.absoluteExpiresAt,
    rotations: [now, ...session.rotations.slice(0, graceReach(session, now))],
  }
}

/**
 * How many of the newest rotations to keep: all up to the oldest one within the grace period. None in between is left
 * out, even when clocks differ, because the position in the list gives the generation.
 */
const graceReach = ({ rotations }: Session, now: Date): number =>
  rotations.findLastIndex((rotation) => isWithinGrace(rotation, now)) + 1

/**
 * The status of a refresh token of this generation: `current` may rotate the session, `in-grace` gets the current token again,
 * and `reused` means that two parties hold tokens of one session (RFC 9700 §4.14.2).
 */
export const tokenStatus = (
  session: Session,
  generation: number,
  now: Date,
): 'current' | 'in-grace' | 'reused' | 'unknown' | 'ended' => {
  if (!isLive(session, now)) return 'ended'
  if (generation > session.generation || generation < 1) return 'unknown'
  if (generation === session.generation) return 'current'
  const rotation = session.rotations[session.generation - 1 - generation]
  return rotation !== undefined && isWithinGrace(rotation, now) ? 'in-grace' : 'reused'
}

const isWithinGrace = (rotation: Date, now: Date): boolean =>
  secondsBetween(rotation, now) <= ROTATION_GRACE_SECONDS
