import { startNats } from '../../tests/support/servers/nats/start-nats.ts'
import type { NatsCluster } from '../../tests/support/servers/nats/start-nats-cluster.ts'
import { startNatsCluster } from '../../tests/support/servers/nats/start-nats-cluster.ts'
import { startPostgres } from '../../tests/support/servers/postgres/start-postgres.ts'
import { findServerSources } from '../../tests/support/servers/provide/find-server-sources.ts'
import type {
  Server,
  ServerName,
  ServerSource,
} from '../../tests/support/servers/provide/server.ts'
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
  const postgres = once('PostgreSQL', (source) => startPostgres(source, 'private'))
  const replicating = once('PostgreSQL', (source) => startPostgres(source, 'replicating'))
  const redis = once('Redis', (source) => startRedis(source, 'everysec'))
  const nats = once('NATS', (source) => startNats(source, ''))
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

const once = <T>(
  name: ServerName,
  start: (source: ServerSource) => Promise<T>,
): (() => Promise<T>) => {
  let started: Promise<T> | null = null
  return () => {
    started ??= findServerSources(name).then(([{ source }]) => start(source))
    return started
  }
}
