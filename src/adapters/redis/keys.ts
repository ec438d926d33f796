import type { Brand } from '../../domain/shared/ids.ts'

/** The name of a key in Redis. All names are made in this file, so no two purposes share a name. */
export type RedisKey = Brand<'RedisKey'>
export type RedisChannel = Brand<'RedisChannel'>

/** The purpose is part of the name, so a key of one purpose finds nothing of the other. */
export type OneTimePurpose = 'transaction' | 'ticket'

export type RedisKeys = {
  /** The prefix of the counts of one budget. The HMAC of the counted client follows. */
  limits(budget: string): RedisKey
  /** A one-time code, named by its HMAC and not by the code. */
  code(mac: string): RedisKey
  /** An entry of a one-time store, named by its purpose and the HMAC of its key. */
  oneTime(purpose: OneTimePurpose, mac: string): RedisKey
  /** Written to find out whether the server accepts writes. */
  readonly probe: RedisKey
  readonly signals: RedisChannel
}

export const DEFAULT_KEY_PREFIX = 'auth:'

/** All names begin with the prefix, so that several installations can share one server. */
export const redisKeys = (prefix: string): RedisKeys => ({
  limits: (budget) => `${prefix}limit:${budget}` as RedisKey,
  code: (mac) => `${prefix}code:${mac}` as RedisKey,
  oneTime: (purpose, mac) => `${prefix}${purpose}:${mac}` as RedisKey,
  probe: `${prefix}probe` as RedisKey,
  signals: `${prefix}signals` as RedisChannel,
})
