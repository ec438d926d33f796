import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { parseServerAddress, shownHost } from '../../domain/shared/server-address.ts'

/** Where a Redis server is, and who connects to which database there. */
export type RedisAddress = {
  /** A name or an IP address; the path of the socket for `unix://`. */
  readonly host: string
  readonly port: number
  readonly isSocket: boolean
  readonly tls: boolean
  readonly user: string | null
  readonly password: string | null
  readonly database: number
  /** The parameters that have no effect. */
  readonly ignored: readonly string[]
}

const DEFAULT_PORT = 6379
const UNDERSTOOD: ReadonlySet<string> = new Set(['db', 'username', 'password'])

/**
 * Reads `redis://user:password@host:port/database`, the same with `rediss://` for TLS, or `unix:///path?db=database`. The
 * refusal never contains a part of it.
 */
export const readRedisAddress = (text: string): Result<RedisAddress, string> => {
  const parsed = parseServerAddress(text, ['redis', 'rediss', 'unix'])
  if (!parsed.ok) return parsed
  const { scheme, user, password, hosts, path, parameters } = parsed.value
  const isSocket = scheme === 'unix'
  if (isSocket && (path === '' || hosts.length > 0))
    return fail('must name a socket by its path, like unix:///run/redis.sock')
  if (hosts.length > 1) return fail('must name one server')
  const database = parameters.get('db') ?? (isSocket ? '' : path)
  if (!/^\d{0,5}$/.test(database)) return fail('must have a number as its database, like /0')
  return ok({
    host: isSocket ? `/${path}` : (hosts[0]?.name ?? 'localhost'),
    port: hosts[0]?.port ?? DEFAULT_PORT,
    isSocket,
    tls: scheme === 'rediss',
    user: parameters.get('username') || user || null,
    password: parameters.get('password') || password || null,
    database: Number(database),
    ignored: [...parameters.keys()].filter((name) => !UNDERSTOOD.has(name)),
  })
}

/** The server without credentials, for messages. */
export const shownRedis = ({ host, port, isSocket }: RedisAddress): string =>
  isSocket ? host : shownHost(host, port)
