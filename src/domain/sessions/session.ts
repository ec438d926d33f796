import type { AddressPrefix } from '../shared/address-prefix.ts'
import type { SessionId, UserId } from '../shared/ids.ts'
import { secondsAfter, secondsBetween } from '../shared/instants.ts'

export type Session = {
  readonly id: SessionId
  readonly userId: UserId
  /** Which refresh token is the present one; counts from 1. */
  readonly generation: number
  /** Part of the input of the refresh token's MAC, so that a leaked key alone makes no token. */
  readonly salt: Uint8Array
  readonly createdAt: Date
  readonly lastUsedAt: Date
  /** When the owner last proved who they are; a refresh does not count. */
  readonly authenticatedAt: Date
  readonly idleExpiresAt: Date
  readonly absoluteExpiresAt: Date
  readonly endedAt: Date | null
  /** When the latest generations were rotated away, newest first, as far back as the grace reaches. */
  readonly rotations: readonly Date[]
  readonly userAgent: string | null
  readonly addressPrefix: AddressPrefix | null
}

export type SessionLifetimes = { readonly idleSeconds: number; readonly absoluteSeconds: number }

/** A lost reply or a second tab may present a rotated token this long after its rotation. */
export const ROTATION_GRACE_SECONDS = 10
/** Deleting an account, say, needs a proof of identity no older than this. */
const RECENT_LOGIN_SECONDS = 300

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

/** The session after its present token was used: the idle end moves, the absolute end never does. */
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

/** How many rotations to remember. None is left out in between, even if clocks differ: their place says whose they are. */
const graceReach = ({ rotations }: Session, now: Date): number =>
  rotations.findLastIndex((rotation) => isWithinGrace(rotation, now)) + 1

/**
 * What a token of this generation means: `present` may rotate; `in-grace` gets the present token again;
 * `reused` says that two parties hold tokens of one session (RFC 9700 §4.14.2).
 */
export const standing = (
  session: Session,
  generation: number,
  now: Date,
): 'present' | 'in-grace' | 'reused' | 'unknown' | 'ended' => {
  if (!isLive(session, now)) return 'ended'
  if (generation > session.generation || generation < 1) return 'unknown'
  if (generation === session.generation) return 'present'
  const rotation = session.rotations[session.generation - 1 - generation]
  return rotation !== undefined && isWithinGrace(rotation, now) ? 'in-grace' : 'reused'
}

const isWithinGrace = (rotation: Date, now: Date): boolean =>
  secondsBetween(rotation, now) <= ROTATION_GRACE_SECONDS
