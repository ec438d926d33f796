import { accessSync, constants } from 'node:fs'
import type { NatsAddress } from '../../adapters/nats/connection/nats-address.ts'
import { readNatsAddresses } from '../../adapters/nats/connection/nats-address.ts'
import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import { readPostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import type { RedisAddress } from '../../adapters/redis/redis-address.ts'
import { readRedisAddress } from '../../adapters/redis/redis-address.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Parse } from './parsers.ts'

// Each address is read once, here. Whatever is wrong with it ends the start with the name of its variable.

export const postgresAddress: Parse<PostgresAddress> = (text) => {
  const address = readPostgresAddress(text)
  if (!address.ok) return address
  const unreadable = Object.entries(address.value.tls.files).find(([, path]) => !isReadable(path))
  return unreadable === undefined
    ? address
    : fail(`has a file as its ${unreadable[0]} that cannot be read`)
}

export const redisAddress: Parse<RedisAddress> = readRedisAddress

export const natsAddresses: Parse<readonly NatsAddress[]> = readNatsAddresses

/** The path of a file that this process may read. */
export const readableFile: Parse<string> = (path) =>
  isReadable(path) ? ok(path) : fail('names a file that cannot be read')

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** A parameter of an address that has no effect, by the variable of the address. */
export type IgnoredParameter = { readonly variable: string; readonly parameter: string }

/** The addresses of all servers; null for those that are not set. */
export type GivenAddresses = {
  readonly databaseUrl: PostgresAddress | null
  readonly migrationDatabaseUrl: PostgresAddress | null
  readonly redisUrl: RedisAddress | null
  readonly natsUrl: readonly NatsAddress[] | null
}

/**
 * The parameters of all addresses that have no effect, for a warning. A name that looks like no parameter's is not repeated: it
 * may be a part of a password with a `?` in it.
 */
export const ignoredParametersOf = (given: GivenAddresses): readonly IgnoredParameter[] => {
  const named = (variable: string, addresses: readonly { readonly ignored: readonly string[] }[]) =>
    [...new Set(addresses.flatMap(({ ignored }) => ignored))].map((name) => ({
      variable,
      parameter: /^[a-z][a-z_]{1,40}$/i.test(name) ? name : '(not a name)',
    }))
  const one = <T>(address: T | null): readonly T[] => (address === null ? [] : [address])
  return [
    ...named('DATABASE_URL', one(given.databaseUrl)),
    ...named('MIGRATION_DATABASE_URL', one(given.migrationDatabaseUrl)),
    ...named('REDIS_URL', one(given.redisUrl)),
    ...named('NATS_URL', given.natsUrl ?? []),
  ]
}
