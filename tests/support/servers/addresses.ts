import type { NatsAddress } from '../../../src/adapters/nats/connection/nats-address.ts'
import { readNatsAddresses } from '../../../src/adapters/nats/connection/nats-address.ts'
import type { PostgresAddress } from '../../../src/adapters/postgres/driver/postgres-address.ts'
import { readPostgresAddress } from '../../../src/adapters/postgres/driver/postgres-address.ts'
import type { RedisAddress } from '../../../src/adapters/redis/redis-address.ts'
import { readRedisAddress } from '../../../src/adapters/redis/redis-address.ts'
import type { Result } from '../../../src/domain/shared/result.ts'

// The addresses of servers as the service takes them apart. Each throws for what is no address.

export const postgresAt = (url: string): PostgresAddress => read(readPostgresAddress(url))
export const redisAt = (url: string): RedisAddress => read(readRedisAddress(url))
export const natsAt = (urls: string): readonly NatsAddress[] => read(readNatsAddresses(urls))

const read = <T>(address: Result<T, string>): T => {
  if (!address.ok) throw new Error(`an address ${address.refusal}`)
  return address.value
}
