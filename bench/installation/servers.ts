import { startNats } from '../../tests/support/servers/nats/start-nats.ts'
import type { NatsCluster } from '../../tests/support/servers/nats/start-nats-cluster.ts'
import { startNatsCluster } from '../../tests/support/servers/nats/start-nats-cluster.ts'
import { startPostgres } from '../../tests/support/servers/postgres/start-postgres.ts'
import { findMeans } from '../../tests/support/servers/provide/find-means.ts'
import type { Means, Server, ServerName } from '../../tests/support/servers/provide/server.ts'
import { startRedis } from '../../tests/support/servers/redis/start-redis.ts'

/** Servers with the durability of production: PostgreSQL with fsync, Redis as in the compose file, JetStream on files. */
export type Servers = {
  postgres(): Promise<Server>
  /** A second PostgreSQL with logical replication. */
  replicating(): Promise<Server>
  redis(): Promise<Server>
  nats(): Promise<Server>
  cluster(): Promise<NatsCluster>
  /** The versions of PostgreSQL, Redis and NATS, by name. */
  versions(): Promise<Readonly<Record<string, string>>>
}

/** Each server is started when it is first used, and removed at the end of the process. */
export const makeServers = (): Servers => {
  const postgres = once('PostgreSQL', (means) => startPostgres(means, 'private'))
  const replicating = once('PostgreSQL', (means) => startPostgres(means, 'replicating'))
  const redis = once('Redis', (means) => startRedis(means, 'everysec'))
  const nats = once('NATS', (means) => startNats(means, ''))
  return {
    postgres,
    replicating,
    redis,
    nats,
    cluster: once('NATS', startNatsCluster),
    versions: async () => ({
      PostgreSQL: (await postgres()).version,
      Redis: (await redis()).version,
      NATS: (await nats()).version,
    }),
  }
}

const once = <T>(name: ServerName, start: (means: Means) => Promise<T>): (() => Promise<T>) => {
  let started: Promise<T> | null = null
  return () => {
    started ??= findMeans(name).then(([{ means }]) => start(means))
    return started
  }
}
