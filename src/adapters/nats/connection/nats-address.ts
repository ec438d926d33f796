import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { parseServerAddress, shownHost } from '../../../domain/shared/server-address.ts'

/** One NATS server. */
export type NatsAddress = {
  readonly host: string
  readonly port: number
  /** The scheme is `tls://`: a server without TLS is refused. */
  readonly tls: boolean
  readonly user: string | null
  readonly password: string | null
  /** A user name without a password is a token, as the clients of NATS take it. */
  readonly token: string | null
  /** The parameters that have no effect. */
  readonly ignored: readonly string[]
}

const DEFAULT_PORT = 4222

/**
 * Reads the addresses of the servers of a cluster: `nats://user:password@host:4222`, `tls://token@host`, comma-separated. A
 * comma inside a password separates nothing. The refusal never contains a part of the text.
 */
export const readNatsAddresses = (text: string): Result<readonly NatsAddress[], string> => {
  const addresses: NatsAddress[] = []
  for (const one of text.split(/,(?=\s*[a-z]+:\/\/)/i)) {
    const read = readOne(one.trim())
    if (!read.ok) return read
    addresses.push(...read.value)
  }
  return ok(addresses)
}

/** The hosts of one address share its credentials. */
const readOne = (text: string): Result<readonly NatsAddress[], string> => {
  const parsed = parseServerAddress(text, ['nats', 'tls'])
  if (!parsed.ok) return parsed
  const { scheme, user, password, hosts, parameters } = parsed.value
  if (hosts.length === 0) return fail('must name a host')
  return ok(
    hosts.map(({ name, port }) => ({
      host: name,
      port: port ?? DEFAULT_PORT,
      tls: scheme === 'tls',
      user: password === null ? null : user,
      password,
      token: password === null ? user : null,
      ignored: [...parameters.keys()],
    })),
  )
}

/** The server without credentials, so that logs may show it. */
export const shownNats = ({ host, port }: NatsAddress): string => shownHost(host, port)
