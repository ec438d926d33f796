import type { Brand } from '../../domain/shared/ids.ts'

/** The name of something kept in Redis. Only this file makes names, so no two purposes ever meet. */
export type RedisKey = Brand<'RedisKey'>
export type RedisChannel = Brand<'RedisChannel'>

/** Things of different purposes never answer to each other's keys. */
export type OneTimePurpose = 'transaction' | 'ticket'

export type RedisKeys = {
  /** Begins the counts of one budget; the HMAC of who is counted follows. */
  limits(budget: string): RedisKey
  /** By an HMAC of the code, never by the code. */
  code(mac: string): RedisKey
  /** What is kept for one taking, by what it is and an HMAC of its key. */
  oneTime(purpose: OneTimePurpose, mac: string): RedisKey
  /** Written to learn whether writing works. */
  readonly probe: RedisKey
  readonly signals: RedisChannel
}

export const DEFAULT_KEY_PREFIX = 'auth:'

/** All names begin with the prefix, so that several installations can share a server. */
export const redisKeys = (prefix: string): RedisKeys => ({
  limits: (budget) => `${prefix}limit:${budget}` as RedisKey,
  code: (mac) => `${prefix}code:${mac}` as RedisKey,
  oneTime: (purpose, mac) => `${prefix}${purpose}:${mac}` as RedisKey,
  probe: `${prefix}probe` as RedisKey,
  signals: `${prefix}signals` as RedisChannel,
})
